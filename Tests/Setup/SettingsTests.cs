using PciBus.Contracts.Connection;
using PciBus.Management.Configuration;
using PciBus.Management.Drain;
using PciBus.Management.Hosts;
using PciBus.Management.Reconciliation;
using PciBus.Management.Setup;
using PciBus.Management.Workflows;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Setup;

/// <summary>Where settings come from, which source wins, and what is said of those that are not right.</summary>
public sealed class SettingsTests : IDisposable
{
    private const string Password = "hunter2";
    private static readonly Dictionary<string, string> Nothing = [];
    private readonly string _folder = Directory.CreateTempSubdirectory("pcibus-settings").FullName;

    private string File => Path.Combine(_folder, "management.properties");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Defaults_AreAllowed_AndNamedOnce()
    {
        var settings = Settings.Read([], Nothing, null);

        Assert.Equal(Settings.Definitions.Where(one => !one.IsFamily).Select(one => one.Name).Order(StringComparer.Ordinal), settings.All.Select(one => one.Name));
        Assert.All(settings.All, setting => Assert.Equal((setting.Definition.Default, "default"), (setting.Value, setting.Source)));
        Assert.Equal(TimeSpan.FromSeconds(10), settings.Hosts.PingInterval);
        Assert.Empty(settings.Warnings);
    }

    [Fact]
    public void Options_AreAsTheyCome_WhenNobodyGivesASetting()
    {
        var settings = Settings.Read([], Nothing, null);

        Assert.Equal(new WorkflowOptions(), settings.Workflows);
        Assert.Equal(new DrainOptions(), settings.Drain);
        Assert.Equivalent(new HostOptions { Admission = HostAdmission.Open }, settings.Hosts, strict: true);
        Assert.Equal(new ReconciliationOptions() with { Intervals = settings.Reconciliation.Intervals }, settings.Reconciliation);
        Assert.All(ReconciliationJobs.All, job => Assert.Equal(job, settings.Reconciliation.Configured(job)));
    }

    [Fact]
    public void TheCommandLine_WinsOverTheEnvironment_WinsOverTheFile()
    {
        Write("# ours\n\nping.interval = 1\nalert.wait=1\nstart.retry=1");
        var environment = new Dictionary<string, string> { ["PCIBUS_PING_INTERVAL"] = "2", ["PCIBUS_ALERT_WAIT"] = "2" };
        var settings = Settings.Read(["ping.interval=3"], environment, File);

        Assert.Equal((3, 2, 1), (settings.Hosts.PingInterval.TotalSeconds, settings.Hosts.AlertWait.TotalSeconds, settings.Workflows.StartRetry));
        Assert.Equal("command line", SourceOf(settings, "ping.interval"));
        Assert.Equal("environment PCIBUS_ALERT_WAIT", SourceOf(settings, "alert.wait"));
        Assert.Equal($"file {File}:5", SourceOf(settings, "start.retry"));
        Assert.Equal("default", SourceOf(settings, "stop.timeout"));
    }

    [Fact]
    public void UnknownNames_InTheFile_WarnWithTheNearest_AndAreIgnored()
    {
        Write("ping.intervall=1\nbus.adress:amqp://pcibus:hunter2@broker/?a=b\n");
        var settings = Settings.Read([], Nothing, File);

        Assert.Equal(
            [
                $"{File}:1: \"ping.intervall\" is no setting and is ignored; the nearest is ping.interval",
                $"{File}:2: \"bus.adress\" is no setting and is ignored; the nearest is bus.address",
            ],
            settings.Warnings);
        Assert.Equal(TimeSpan.FromSeconds(10), settings.Hosts.PingInterval);
    }

    [Fact]
    public void UnknownVariables_WarnOnlyWhenTheyLookLikeASlip()
    {
        var environment = new Dictionary<string, string>
        {
            ["PCIBUS_API_PROT"] = "8081",
            ["PCIBUS_SECRETKEY"] = "x",
            ["PCIBUS_SECRET_KEY"] = "x",
            ["PCIBUS_APPROVE"] = "1",
            ["PCIBUS_WORKERS"] = "5",
            ["PCIBUS_SEED"] = "1",
            ["PCIBUS_TEST_BROKER"] = "amqp://broker",
            ["API_PORTS"] = "1",
        };

        Assert.Equal(
            ["The environment's PCIBUS_API_PROT is ignored; is PCIBUS_API_PORT meant?", "The environment's PCIBUS_SECRETKEY is ignored; is PCIBUS_SECRET_KEY meant?"],
            Settings.Read([], environment, null).Warnings);
    }

    [Theory]
    [InlineData("ping.intervall=1", "\"ping.intervall\" (command line) is no setting; the nearest is ping.interval, and --help names all")]
    [InlineData("ping.intervall", "\"ping.intervall\" (command line) is no setting; the nearest is ping.interval, and --help names all")]
    [InlineData("ping.interval", "The setting ping.interval (command line) has no value: --setting ping.interval=VALUE")]
    [InlineData("ping.interval=soon", "The setting ping.interval is \"soon\" (command line); allowed is a number of seconds from 1 to 86400")]
    [InlineData("ping.interval=0", "The setting ping.interval is \"0\" (command line); allowed is a number of seconds from 1 to 86400")]
    [InlineData("ping.timeout=2,5", "The setting ping.timeout is \"2,5\" (command line); allowed is a number from 1 to 1000")]
    [InlineData("api.port=80.5", "The setting api.port is \"80.5\" (command line); allowed is a whole number from 1 to 65535")]
    [InlineData("api.port=65536", "The setting api.port is \"65536\" (command line); allowed is a whole number from 1 to 65535")]
    [InlineData("database.provider=oracle", "The setting database.provider is \"oracle\" (command line); allowed is sqlite, postgresql or sqlserver")]
    public void WhatIsNotRight_OnTheCommandLine_IsToldWithWhatIsAllowed(string argument, string error) =>
        Assert.Equal(error, Assert.Throws<SetupException>(() => Settings.Read([argument], Nothing, null)).Message);

    [Theory]
    [InlineData("postgresql", "Host=db;Database=pcibus;Username=pcibus;Password=hunter2", "PostgreSql")]
    [InlineData("sqlserver", "Server=db;Database=pcibus;User ID=pcibus;Password=hunter2", "SqlServer")]
    public void Database_IsWhereTheConnectionSays(string provider, string connection, string told)
    {
        var database = Settings.Read([$"database.provider={provider}", $"database.connection={connection}"], Nothing, null).Database(File);

        Assert.Equal(told, database.ToString());
        Assert.Contains("hunter2", database.ConnectionString, StringComparison.Ordinal);
    }

    [Fact]
    public void ABadValue_IsToldWithItsSource_EvenWhereAnotherWins()
    {
        Write("\nstart.retry=many");
        const string allowed = "allowed is a whole number from 1 to 1000";

        Assert.Equal(
            $"The setting start.retry is \"many\" (file {File}:2); {allowed}",
            Assert.Throws<SetupException>(() => Settings.Read(["start.retry=2"], Nothing, File)).Message);
        Assert.Equal(
            $"The setting start.retry is \"\" (environment PCIBUS_START_RETRY); {allowed}",
            Assert.Throws<SetupException>(() => Settings.Read([], new Dictionary<string, string> { ["PCIBUS_START_RETRY"] = "" }, null)).Message);
    }

    [Fact]
    public void ANameThatStandsTwice_IsTold_AndTheLastCounts()
    {
        Write("ping.interval=1\nalert.wait=1\nping.interval : 2\n");
        var settings = Settings.Read([], Nothing, File);

        Assert.Equal([$"{File}:3: ping.interval stands in line 1 too; line 3 counts"], settings.Warnings);
        Assert.Equal(TimeSpan.FromSeconds(2), settings.Hosts.PingInterval);
    }

    [Theory]
    [InlineData("bus.address=http://pcibus:hunter2@broker", "The setting bus.address (file FILE:1) cannot be used as it is; allowed is amqp://user:password@host:port/vhost")]
    [InlineData("# of the broker\nbus.address", "FILE:2 is not NAME=VALUE")]
    [InlineData("bus.address=amqp://pcibus:hunter2\u00a0@broker", "FILE:1 has U+00A0 in it, which cannot be seen")]
    [InlineData("database.provider=postgresql\ndatabase.connection=Passwort=hunter2", "The setting database.connection (file FILE:2) cannot be used as it is; allowed is Host=")]
    [InlineData("database.provider=sqlserver\ndatabase.connection=Passwort=hunter2", "The setting database.connection (file FILE:2) cannot be used as it is; allowed is Host=")]
    [InlineData("database.provider=sqlserver\ndatabase.connection=Server=db;Password=hunter2", "The setting database.connection (file FILE:2) cannot be used as it is; allowed is Host=")]
    [InlineData("database.provider=postgresql", "The setting database.connection (default) cannot be used as it is; allowed is Host=")]
    public void ASecret_IsNotShown_WhenItIsWrong(string text, string error)
    {
        Write(text);
        var message = Assert.Throws<SetupException>(() => Settings.Read([], Nothing, File)).Message;

        Assert.StartsWith(error.Replace("FILE", File, StringComparison.Ordinal), message, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, message, StringComparison.Ordinal);
    }

    [Fact]
    public void ASecret_IsNotShown_WhenItIsRight()
    {
        Write($"bus.address=amqp://pcibus:{Password}@broker");
        var setting = Settings.Read([], Nothing, File).All.Single(one => one.Name == "bus.address");

        Assert.Equal("***", setting.Shown);
        Assert.DoesNotContain(Password, setting.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void AFileWithSecrets_ThatOthersCanRead_Warns()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "files have no modes there");
        const UnixFileMode owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Write("ping.interval=1", owner | UnixFileMode.OtherRead);
        Assert.Empty(Settings.Read([], Nothing, File).Warnings);
        Write("database.connection=Host=db", owner | UnixFileMode.OtherRead);
        Assert.Equal(
            [$"{File} holds a secret, and everybody on this machine can read it: chmod o-r {File}"], Settings.Read([], Nothing, File).Warnings);
        Write("database.connection=Host=db", owner | UnixFileMode.GroupRead);
        Assert.Empty(Settings.Read([], Nothing, File).Warnings);
    }

    [Fact]
    public void WhatIsOpenToOthers_Warns()
    {
        Assert.Equal(["bus.management.address is not set: no host can join"], Settings.Read(["bus.address=amqps://broker"], Nothing, null).Warnings);
        Assert.Equal(
            ["host.admission is open: whoever reaches the broker can speak as any host"],
            Settings.Read(["bus.address=amqp://broker", "host.admission=open"], Nothing, null).Warnings);
        Assert.Equal(
            ["The API answers on 0.0.0.0:8080 without TLS: passwords, keys and join tokens can be read on their way; set api.tls.certificate"],
            Settings.Read(["api.address=0.0.0.0"], Nothing, null).Warnings);
    }

    [Theory]
    [InlineData("amqp://broker", "https://u:p@broker:15671", "bus.address is broker without TLS: the passwords of users and hosts can be read on their way; use amqps://")]
    [InlineData("amqps://broker", "http://u:p@broker:15672", "bus.management.address is broker without TLS: the passwords of users and hosts can be read on their way; use https://")]
    [InlineData("amqps://broker", "https://u:p@broker:15671", null)]
    [InlineData("amqp://localhost", "http://u:p@127.0.0.1:15672", null)]
    [InlineData("amqp://[::1]:5672", "http://u:p@[::1]:15672", null)]
    public void PasswordsThatCrossTheNetworkInClear_Warn(string bus, string management, string? warning) =>
        Assert.Equal(
            warning is null ? [] : [warning],
            Settings.Read([$"bus.address={bus}", $"bus.management.address={management}"], Nothing, null).Warnings);

    [Fact]
    public void TheAddressThatHostsAreTold_WarnsToo() => Assert.Equal(
        ["bus.agents.address is broker without TLS: the passwords of users and hosts can be read on their way; use amqps://"],
        Settings.Read(
            ["bus.address=amqp://localhost", "bus.management.address=http://u:p@localhost:15672", "bus.agents.address=amqp://broker"], Nothing, null).Warnings);

    [Theory]
    [InlineData("bus")]
    [InlineData("api")]
    public void AKeyWithoutItsCertificate_Warns(string side)
    {
        var files = ServerCertificate.Make(_folder);
        Assert.Equal(
            [$"{side}.tls.key is set without {side}.tls.certificate, and is ignored"], Settings.Read([$"{side}.tls.key={files.Key}"], Nothing, null).Warnings);
        Assert.Empty(Settings.Read([$"{side}.tls.key={files.Key}", $"{side}.tls.certificate={files.File}"], Nothing, null).Warnings);
    }

    [Fact]
    public void HostsThatJoin_AreToldTheAuthorities_AndNothingElseOfTheirFile()
    {
        var files = ServerCertificate.Make(_folder);
        var authority = System.IO.File.ReadAllText(files.Authority);
        System.IO.File.WriteAllText(files.Authority, $"# ours\n{System.IO.File.ReadAllText(files.Key)}\n{authority}\n");

        var told = Settings.Read(["bus.address=amqps://broker", $"bus.tls.ca={files.Authority}"], Nothing, null).Joining!.BusAuthorities;

        Assert.Equal(authority.Trim(), told!.Trim());
        Assert.Null(Settings.Read(["bus.address=amqps://broker"], Nothing, null).Joining!.BusAuthorities);
    }

    [Fact]
    public void ACertificate_ThatCannotBeRead_IsNamed() => Assert.StartsWith(
        "A certificate cannot be used: /nowhere/ca.pem: ",
        Assert.Throws<SetupException>(() => Settings.Read(["bus.tls.ca=/nowhere/ca.pem"], Nothing, null)).Message,
        StringComparison.Ordinal);

    [Fact]
    public void AFileThatIsNamed_MustBeThere() => Assert.StartsWith(
        $"The settings in {File} cannot be read: ", Assert.Throws<SetupException>(() => Settings.Read([], Nothing, File)).Message, StringComparison.Ordinal);

    [Fact]
    public void AFamily_HasASettingForEachWord()
    {
        var reader = new SettingsReader([new("colour.of.<guid>", "", SettingCategory.Hosts, SettingKind.OneOf("red", "blue"), "what a host looks like")]);
        Write("colour.of.guid-1=red\ncolour.of.=red\ncolours.of.guid-2=red");
        reader.AddFile(File);
        reader.AddEnvironment(new Dictionary<string, string> { ["PCIBUS_COLOUR_OF_GUID"] = "red" });
        reader.AddArguments(["colour.of.Guid.3=blue"]);

        Assert.Equal(
            [("colour.of.Guid.3", "Guid.3", "blue"), ("colour.of.guid-1", "guid-1", "red")],
            reader.Values.Values.Select(one => (one.Name, one.Word!, one.Value)).OrderBy(one => one.Name, StringComparer.Ordinal));
        Assert.Equal(2, reader.Warnings.Count);
        Assert.EndsWith("the nearest is colour.of.<guid>", reader.Warnings[1], StringComparison.Ordinal);
        Assert.Equal(
            "The setting colour.of.x is \"green\" (command line); allowed is red or blue",
            Assert.Throws<SetupException>(() => reader.AddArguments(["colour.of.x=green"])).Message);
    }

    private void Write(string text, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        System.IO.File.WriteAllText(File, text);
        if (!OperatingSystem.IsWindows()) System.IO.File.SetUnixFileMode(File, mode);
    }

    private static string SourceOf(Settings settings, string name) => settings.All.Single(one => one.Name == name).Source;
}
