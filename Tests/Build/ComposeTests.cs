using System.ComponentModel;
using System.Diagnostics;
using System.Text.RegularExpressions;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Build;

/// <summary><c>docker-compose.yml</c>, and the script that makes its secrets.</summary>
public sealed partial class ComposeTests : IDisposable
{
    private static readonly string Compose = File.ReadAllText(Checkout.PathOf("docker-compose.yml"));

    private readonly string _folder = Directory.CreateTempSubdirectory("pcibus-compose-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("sqlserver", "Server=sqlserver;Database=pcibus;User ID=pcibus;Password={0};TrustServerCertificate=true")]
    [InlineData("postgresql", "Host=postgresql;Database=pcibus;Username=pcibus;Password={0}")]
    public void Secrets_AreRandom_AndMadeOnce(string provider, string connection)
    {
        RequireOpenSsl();
        var first = Prepare(provider);
        var again = Prepare(provider);
        var other = Prepare(provider, "other");

        Assert.Equal(first, again);
        Assert.All(first.Where(file => file.Key is not ".env"), file => Assert.NotEqual(file.Value, other[file.Key]));
        var password = first["database-password"].Trim();
        Assert.Contains($"database.connection={string.Format(null, connection, password)}\n", first["management.properties"], StringComparison.Ordinal);
        Assert.Contains($"default_pass = {first["broker-password"].Trim()}\n", first["rabbitmq.conf"], StringComparison.Ordinal);
        Assert.Equal(32, Convert.FromBase64String(first["secret-key"].Trim()).Length);
        Assert.Equal($"# Written by build/compose/prepare.\nCOMPOSE_PROJECT_NAME=pcibus\nCOMPOSE_PROFILES={provider}\n", first[".env"]);
        FileRights.FolderIsTheOwnersAlone(Path.Combine(_folder, "one", "build", "compose", "secrets"));
    }

    [Fact]
    public void AnotherDatabase_KeepsThePasswords()
    {
        RequireOpenSsl();
        var before = Prepare("sqlserver");
        var after = Prepare("postgresql");
        Assert.Equal(before["database-password"], after["database-password"]);
        Assert.Contains("database.provider=postgresql\n", after["management.properties"], StringComparison.Ordinal);
    }

    [Fact]
    public void UnknownDatabase_IsRefused()
    {
        var (code, text) = Run("one", "oracle");
        Assert.Equal((2, "prepare: the database is sqlserver or postgresql, not oracle\n"), (code, text));
    }

    [Fact]
    public void OnlyThisMachine_ReachesWhatIsPublished() => Assert.All(
        Published().Matches(Compose), match => Assert.StartsWith("\"${PCIBUS_LISTEN:-127.0.0.1}:", match.Groups[1].Value, StringComparison.Ordinal));

    /// <summary>What is PciBus's own runs without rights, and writes into its volumes alone.</summary>
    [Fact]
    public void OwnServices_AreLockedIn()
    {
        var services = Service().Matches(Compose[Compose.IndexOf("\nservices:", StringComparison.Ordinal)..Compose.IndexOf("\nsecrets:", StringComparison.Ordinal)]);
        Assert.Equal(
            ["broker", "sqlserver", "sqlserver-database", "postgresql", "management1", "management2", "api", "tokens", "kvm1", "kvm2", "kvm3"],
            services.Select(match => match.Groups[1].Value));
        Assert.All(
            services.Where(match => !match.Value.Contains("_IMAGE:-", StringComparison.Ordinal) || match.Groups[1].Value == "api"),
            match => Assert.Contains("<<: *", match.Value, StringComparison.Ordinal));
        Assert.Contains("read_only: true\n  tmpfs: [/tmp]\n  cap_drop: [ALL]\n  security_opt: [\"no-new-privileges:true\"]\n", Compose, StringComparison.Ordinal);
        foreach (var image in new[] { "Management", "Agent" })
        {
            Assert.Matches(@"\nUSER \d+\n", File.ReadAllText(Checkout.PathOf(image, "Dockerfile")));
        }
    }

    /// <summary>No secret comes by the environment, which <c>docker inspect</c> shows, or stands in the file.</summary>
    [Fact]
    public void Secrets_AreFiles() =>
        Assert.DoesNotMatch(@"(?m)^\s+[A-Z_]*(PASS|SECRET|TOKEN|KEY)[A-Z_]*: (?!/run/secrets/)", Compose);

    [Theory]
    [InlineData("sqlserver")]
    [InlineData("postgresql")]
    public void Compose_TakesTheFile(string profile)
    {
        var (code, text) = FirstThatThereIs(profile, ["docker", "compose"], ["docker-compose"]);
        Assert.SkipWhen(code is null, "no docker compose");
        Assert.True(code == 0, text);
    }

    private (int? Code, string Text) FirstThatThereIs(string profile, params string[][] programs)
    {
        foreach (var program in programs)
        {
            string[] version = [.. program.Skip(1), "version"];
            if (Execute(_folder, program[0], version, []).Code != 0) continue;
            string[] arguments = [.. program.Skip(1), "-f", Checkout.PathOf("docker-compose.yml"), "config", "-q"];
            return Execute(_folder, program[0], arguments, [("COMPOSE_PROFILES", profile)]);
        }

        return (null, "");
    }

    private static void RequireOpenSsl() => Assert.SkipWhen(Execute("/", "openssl", ["version"], []).Code is not 0, "no openssl");

    /// <returns>The files it has written, by name.</returns>
    private Dictionary<string, string> Prepare(string provider, string root = "one")
    {
        var (code, text) = Run(root, provider);
        Assert.True(code == 0, text);
        return Directory.GetFiles(Path.Combine(_folder, root, "build", "compose", "secrets")).Append(Path.Combine(_folder, root, ".env"))
            .ToDictionary(path => Path.GetFileName(path), File.ReadAllText);
    }

    private (int? Code, string Text) Run(string root, string provider)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, root, "build", "compose")).FullName;
        var script = Path.Combine(folder, "prepare");
        File.Copy(Checkout.PathOf("build", "compose", "prepare"), script, overwrite: true);
        return Execute(folder, "bash", [script, provider], []);
    }

    /// <returns>The exit code, null when there is no such program; and what it wrote to stderr.</returns>
    private static (int? Code, string Text) Execute(string folder, string program, string[] arguments, (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        try
        {
            using var process = Process.Start(start)!;
            process.OutputDataReceived += (_, _) => { };
            process.BeginOutputReadLine();
            var text = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, text);
        }
        catch (Win32Exception)
        {
            return (null, "");
        }
    }

    [GeneratedRegex(@"ports: \[([^\]]+)\]")]
    private static partial Regex Published();

    [GeneratedRegex(@"(?m)^  ([a-z0-9-]+):\n(?:(?!  [a-z0-9-]+:\n).*\n)+")]
    private static partial Regex Service();
}
