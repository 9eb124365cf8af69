using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using PciBus.Management.Hosts;
using PciBus.Management.Persistence;
using PciBus.Management.Setup;
using PciBus.Management.Workflows;

namespace PciBus.Tests.Benchmarks;

/// <summary>Management over a SQLite file that <see cref="SceneContent"/> has filled.</summary>
internal sealed class Scene : IAsyncDisposable
{
    private readonly string _folder;

    private Scene(string folder) => _folder = folder;

    public ServiceProvider Services { get; private set; } = null!;

    /// <summary>What the statements of this scene take.</summary>
    public StatementClock Statements { get; } = new();

    private string Database => Path.Combine(_folder, "pcibus.db");

    /// <param name="taken">Share of the hosts, the first in every order, whose devices all have an owner.</param>
    /// <param name="cpuFull">Share of the hosts, the first in every order, that have no CPU left.</param>
    /// <param name="place">Where the file lies; on the disk when it is null.</param>
    public static async Task<Scene> CreateAsync(int hosts, double taken, double cpuFull, int virtualMachines, ScenePlace? place = null)
    {
        place ??= ScenePlace.Disk;
        var scene = new Scene(place.NewFolder());
        var options = DatabaseOptions.SqliteFile(scene.Database);
        SchemaInstaller.Upgrade(options);
        var content = new SceneContent(hosts, (int)(hosts * taken), (int)(hosts * cpuFull), virtualMachines);
        content.Fill(scene.Database);
        scene.Services = new ServiceCollection()
            .AddLogging()
            .AddSingleton(TimeProvider.System)
            .AddSingleton<IMessageSender, NoSender>()
            .AddDatabase(options)
            .ConfigureDbContext<PciBusDbContext>(builder => builder.AddInterceptors([scene.Statements, .. place.Interceptors]))
            .AddCapabilities(new HostOptions { Admission = HostAdmission.Open }, new WorkflowOptions())
            .AddHttpApi()
            .AddScoped<Placement>()
            .BuildServiceProvider();
        await content.ClassifyAsync(scene.Database, scene.Services.GetRequiredService<DatabaseTransactions>());
        return scene;
    }

    public async ValueTask DisposeAsync()
    {
        await Services.DisposeAsync();
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    private sealed class NoSender : IMessageSender
    {
        public Task<Delivery> SendAsync(string destination, object message, CancellationToken cancellationToken) =>
            Task.FromResult(Delivery.Taken);
    }
}
