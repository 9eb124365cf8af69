using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using PciBus.Contracts.PciDevices;
using PciBus.Management.Accounts;
using PciBus.Management.Bus;
using PciBus.Management.Configuration;
using PciBus.Management.Hosts;
using PciBus.Management.Persistence;
using PciBus.Management.Setup;
using PciBus.Management.Workflows;

namespace PciBus.Tests.Support;

/// <summary>
/// A management server in the test's process: database in a file of its own, the API on a port of its own, no bus, no
/// scheduler, and a clock that stands still. Hosts are <see cref="ScriptedHost"/>s; nothing of theirs happens before
/// <see cref="RunAsync"/>.
/// </summary>
internal sealed class ManagementFixture : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _databasePath;
    private readonly Dictionary<string, ScriptedHost> _hosts = [];

    private ManagementFixture(WebApplication app, string databasePath)
    {
        _app = app;
        _databasePath = databasePath;
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        Http = new HttpClient { BaseAddress = new Uri(addresses.First()) };
        SignedHttp = new HttpClient { BaseAddress = new Uri(addresses.Last()) };
    }

    /// <summary>The integration port.</summary>
    public HttpClient Http { get; }

    /// <summary>The port where calls are signed.</summary>
    public HttpClient SignedHttp { get; }

    public RecordingLogger Log => Services.GetRequiredService<RecordingLogger>();

    public IServiceProvider Services => _app.Services;

    public FakeTimeProvider Time => (FakeTimeProvider)Services.GetRequiredService<TimeProvider>();

    public RecordingSender Sender => (RecordingSender)Services.GetRequiredService<IMessageSender>();

    /// <summary>What <c>listConfigurations</c> shows; nothing else here goes by it.</summary>
    /// <summary>How many calls an address makes on the signed port.</summary>
    public const int ThrottlingMax = 500;

    private static IReadOnlyList<ConfiguredSetting> Settings => Management.Setup.Settings.Read(
        ["ping.interval=7", "database.connection=Host=db;Password=hunter2"], new Dictionary<string, string> { ["PCIBUS_API_PORT"] = "8081" }, null).All;

    public static async Task<ManagementFixture> StartAsync(CancellationToken cancellationToken, WorkflowOptions? workflows = null)
    {
        var path = Path.Combine(Path.GetTempPath(), $"pcibus-{Guid.NewGuid():N}.db");
        var options = DatabaseOptions.SqliteFile(path);
        SchemaInstaller.Upgrade(options);
        var builder = WebApplication.CreateSlimBuilder();
        var log = new RecordingLogger();
        builder.Logging.ClearProviders().AddProvider(log).SetMinimumLevel(LogLevel.Warning).AddFilter("PciBus", LogLevel.Information);
        builder.Services.AddSingleton(log);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.ListenOnIntegrationPort(0);
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        builder.Services.AddSingleton<TimeProvider>(new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero)));
        builder.Services.AddSingleton<IMessageSender, RecordingSender>();
        builder.Services.AddDatabase(options);
        builder.Services.CollectCommands();
        builder.Services.AddCapabilities(new HostOptions { Admission = HostAdmission.Open }, workflows ?? new WorkflowOptions());
        builder.Services.AddSingleton(Settings);
        builder.Services.AddHttpApi();
        builder.Services.AddSignatures(new SecretCipher(RandomNumberGenerator.GetBytes(SecretCipher.KeyBytes)));
        builder.Services.AddHealth();
        builder.Services.AddThrottling(ThrottlingMax, TimeSpan.FromHours(1));
        var app = builder.Build();
        app.UseRateLimiter();
        app.MapHttpApi();
        app.MapHealth();
        app.MapMetrics([IPAddress.Loopback]);
        await app.StartAsync(cancellationToken);
        return new ManagementFixture(app, path);
    }

    /// <summary>Connects a host with devices, written as in <c>pci.devices</c>: <c>28:00.1|10GE</c>.</summary>
    public async Task<ScriptedHost> ConnectAsync(
        string name, string pciDevices, CancellationToken cancellationToken, string cluster = "cluster1")
    {
        var host = new ScriptedHost(name, Services.GetRequiredService<AgentMessages>(), Time) { Cluster = cluster };
        foreach (var entry in pciDevices.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(entry => entry.Split('|')))
        {
            host.PciDevices.Add(new PciDeviceTO
            {
                Address = PciAddress.Parse(entry[0]),
                Name = entry[1],
                VendorId = "8086",
                ProductId = "10ed",
                Class = "020000",
            });
        }

        _hosts[host.Queue] = host;
        foreach (var one in _hosts.Values) one.Peers = _hosts.Values;
        await host.AnnounceAsync(cancellationToken);
        await RunAsync(cancellationToken);
        return host;
    }

    /// <summary>Delivers what management sends, and what hosts answer to it, until there is nothing left.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var relay = Services.GetRequiredService<OutboxRelay>();
        while (await relay.SendCommittedAsync(cancellationToken))
        {
            while (Sender.TryTake(out var sent))
            {
                if (_hosts.TryGetValue(sent.Destination, out var host)) await host.TakeAsync(sent.Message, cancellationToken);
            }
        }
    }

    /// <summary>Calls the API: HTTP status and whole answer.</summary>
    public async Task<(HttpStatusCode Status, JObject Answer)> CallAsync(
        string command, CancellationToken cancellationToken, params (string Name, string Value)[] parameters)
    {
        var query = string.Join('&', parameters
            .Prepend(("command", command))
            .Append(("response", "json"))
            .Select(pair => $"{Uri.EscapeDataString(pair.Item1)}={Uri.EscapeDataString(pair.Item2)}"));
        using var response = await Http.GetAsync($"/?{query}", cancellationToken);
        return (response.StatusCode, Parse(await response.Content.ReadAsStringAsync(cancellationToken)));
    }

    /// <summary>Calls the API, which must succeed: what stands under the wrapper.</summary>
    public async Task<JObject> OkAsync(
        string command, CancellationToken cancellationToken, params (string Name, string Value)[] parameters)
    {
        var (status, answer) = await CallAsync(command, cancellationToken, parameters);
        return status == HttpStatusCode.OK
            ? (JObject)answer[$"{command.ToLowerInvariant()}response"]!
            : throw new InvalidOperationException($"{command}: {answer}");
    }

    /// <summary>Calls an asynchronous command, runs everything, and returns its job as it stands then.</summary>
    public async Task<JObject> JobAsync(
        string command, CancellationToken cancellationToken, params (string Name, string Value)[] parameters)
    {
        var begun = await OkAsync(command, cancellationToken, parameters);
        await RunAsync(cancellationToken);
        var job = await OkAsync("queryAsyncJobResult", cancellationToken, ("jobid", (string)begun["jobid"]!));
        SaidOnce.Check((string?)job["jobresult"]?["errortext"]);
        return job;
    }

    /// <summary>Reads or writes the database as no manager would.</summary>
    public async Task<T> DatabaseAsync<T>(Func<PciBusDbContext, Task<T>> work)
    {
        var builder = new DbContextOptionsBuilder<PciBusDbContext>();
        Services.GetRequiredService<DatabaseOptions>().Configure(builder);
        await using var database = new PciBusDbContext(builder.Options);
        return await work(database);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        SignedHttp.Dispose();
        await _app.DisposeAsync();
        SqliteConnection.ClearAllPools();
        foreach (var file in Directory.EnumerateFiles(Path.GetTempPath(), Path.GetFileName(_databasePath) + "*")) File.Delete(file);
    }

    /// <summary>Dates stay the text they are.</summary>
    private static JObject Parse(string json) =>
        JsonConvert.DeserializeObject<JObject>(json, new JsonSerializerSettings { DateParseHandling = DateParseHandling.None })!;
}
