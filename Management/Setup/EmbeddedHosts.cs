using MassTransit;
using Microsoft.Extensions.Hosting;
using PciBus.Agent;
using PciBus.Agent.Registration;
using PciBus.Contracts;

namespace PciBus.Management.Setup;

/// <summary>
/// Simulated hosts inside management: each a real agent with its own agent.properties, on management's bus. The only place
/// where management knows the agent.
/// </summary>
internal sealed class EmbeddedHosts : IHostedService, IAsyncDisposable
{
    private readonly List<AgentNode> _nodes = [];
    private IServiceProvider? _services;

    /// <summary>Folder of an agent.properties below the data folder, per host.</summary>
    public static string FolderOf(string dataFolder) => Path.Combine(dataFolder, "hosts");

    /// <summary>Reads the hosts of the data folder; the first time, those that come with PciBus are put there.</summary>
    /// <exception cref="SetupException">A file is not right; the message says which, and what.</exception>
    public static EmbeddedHosts Load(string dataFolder, TimeProvider time, ILoggerFactory loggers)
    {
        var folder = FolderOf(dataFolder);
        if (!Directory.Exists(folder)) CopyTo(folder);
        var hosts = new EmbeddedHosts();
        foreach (var path in Directory.GetFiles(folder, "agent.properties", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            try
            {
                var ownFolder = new Dictionary<string, string> { [AgentProperties.DataFolderKey] = Path.GetDirectoryName(path)! };
                var file = AgentPropertiesFile.Open(path, time, ownFolder);
                hosts._nodes.Add(new AgentNode(file, new LinkToManagement(hosts), time, loggers));
            }
            catch (AgentPropertiesException exception)
            {
                throw new SetupException(exception.Message, exception);
            }
        }

        return hosts;
    }

    /// <summary>Gives each host its queue on management's bus.</summary>
    public void Attach(IBusFactoryConfigurator bus)
    {
        foreach (var node in _nodes)
        {
            bus.ReceiveEndpoint(EndpointNames.Agent(node.Guid), endpoint => AgentEndpoint.Configure(endpoint, node));
        }
    }

    /// <summary>Tells where the bus will be found once it runs.</summary>
    public void Use(IServiceProvider services) => _services = services;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var node in _nodes) await node.StartAsync(cancellationToken);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        foreach (var node in _nodes) await node.StopAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes) await node.DisposeAsync();
    }

    private static void CopyTo(string folder)
    {
        foreach (var source in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Embedded", "hosts"), "*.properties"))
        {
            var own = Directory.CreateDirectory(Path.Combine(folder, Path.GetFileNameWithoutExtension(source)));
            File.Copy(source, Path.Combine(own.FullName, "agent.properties"));
        }
    }

    private sealed class LinkToManagement(EmbeddedHosts hosts) : IManagementLink
    {
        private BusManagementLink? _link;

        public Task SendAsync(object message, CancellationToken cancellationToken) =>
            (_link ??= new BusManagementLink(hosts._services!.GetRequiredService<IBus>())).SendAsync(message, cancellationToken);
    }
}
