using PciBus.Tests.Runner;

// Called by Tests/run, from the root of the checkout, when everything is built.
const string Results = "artifacts/test-results";
var built = Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/'));
var tests = new TestProgram(Path.GetFullPath($"artifacts/bin/Tests/{built}/Tests"));
RunOptions options;
try
{
    options = RunOptions.Parse(args, [.. tests.List().Select(test => test.Suite).Append("Benchmarks").Distinct().Order(StringComparer.Ordinal)]);
}
catch (FormatException wrong)
{
    Console.Error.WriteLine($"Tests/run: {wrong.Message}");
    return 2;
}

foreach (var folder in (string[])[Results, "artifacts/commands"])
{
    if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
}

Directory.CreateDirectory(Results);
if (options.IsAll) Environment.SetEnvironmentVariable("PCIBUS_ALL", "1");
var benchmarks = Path.GetFullPath($"artifacts/bin/Benchmarks/{built}/Benchmarks");
var runs = new TestRun(tests, benchmarks, options.IsAll, options.Suites, Results).Run();
foreach (var line in Report.Of(runs)) Console.WriteLine(line);
return Verdict.Of([.. runs.Select(run => run.Run)]).IsGreen ? 0 : 1;
