using System.Runtime.InteropServices;
using PciBus.Tests.Lab;

// Lab FOLDER [NUMBER...]: runs scenarios with what image/build has made in the folder; Tests/Lab/run does both.
if (args is not [var folder, .. var chosen])
{
    Console.Error.WriteLine("usage: Lab FOLDER [NUMBER...]");
    return 2;
}

using var end = new CancellationTokenSource();
void End(PosixSignalContext signal)
{
    signal.Cancel = true;
    end.Cancel();
}

using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
await using var scene = new LabScene(folder, end.Token);
var scenarios = new Scenarios(scene);
var table = new SummaryTable();
try
{
    await table.RunAsync("0", "broker, management and two hosts are up", scene.StartAsync, end.Token);
    foreach (var (number, name, run) in scenarios.All)
    {
        if (chosen.Length > 0 && !chosen.Contains(number)) continue;
        await table.RunAsync(number, name, run, end.Token);
        await scene.ClearAsync();
    }
}
catch (Exception e)
{
    Console.Error.WriteLine(e);
}

table.Print(await scene.VersionsAsync());
return table.AllPassed ? 0 : 1;
