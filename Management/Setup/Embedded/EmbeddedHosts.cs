using MassTransit;
using Microsoft.Extensions.Hosting;
using PciBus.Agent;
using PciBus.Agent.Registration;
using PciBus.Agent.Setup;
using PciBus.Contracts;

namespace PciBus.Management.Setup.Embedded;

/// <summary>
/// Simulated hosts inside management: each a real agent with its own agent.properties, on management's bus. The only place
/// where management knows the agent.
/// </summary>
internal sealed partial class EmbeddedHosts : IHostedService, IAsyncDisposable
{
    private static readonly Task Never = new TaskCompletionSource().Task;

    private readonly List<AgentNode> _nodes = [];
    private readonly ILogger _logger;
    private IServiceProvider? _services;

    private EmbeddedHosts(ILogger logger) => _logger = logger;

    /// <summary>Folder of an agent.properties below the data folder, per host.</summary>
    public static string FolderOf(string dataFolder) => Path.Combine(dataFolder, "hosts");

    /// <summary>Reads the hosts of the data folder; the first time, the hosts that come with PciBus are put there.</summary>
    /// <exception cref="SetupException">A file is not right; the message says which, and what.</exception>
    public static EmbeddedHosts Load(string dataFolder, TimeProvider time, ILoggerFactory loggers)
    {
        var folder = FolderOf(dataFolder);
        if (!Directory.Exists(folder)) CopyTo(folder);
        var hosts = new EmbeddedHosts(loggers.CreateLogger<EmbeddedHosts>());
        var paths = Directory.GetFiles(folder, "agent.properties", SearchOption.AllDirectories).Order(StringComparer.Ordinal);
        foreach (var same in paths.Select(path => (Path: path, File: Open(path, time))).GroupBy(host => host.File.Properties.Guid))
        {
            // Nobody knows which of these files is the host.
            if (same.Count() > 1) hosts.LogSameGuid(string.Join(" and ", same.Select(host => host.Path)), same.Key);
            else hosts.Add(same.Single().File, time, loggers);
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

    /// <summary>Completes when a part of one of the agents has failed, as the log says.</summary>
    public Task Broken => Task.WhenAny([Never, .. _nodes.Select(node => node.Broken)]);

    /// <summary>Gives the services in which the bus is found once it runs.</summary>
    public void Use(IServiceProvider services) => _services = services;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var node in _nodes)
        {
            try
            {
                await node.StartAsync(cancellationToken);
            }
            catch (IOException exception)
            {
                // The other hosts go on. To management this host does not speak, and keeps what is claimed there.
                LogDoesNotStart(node.Name, exception.Message);
                node.Kill();
            }
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        foreach (var node in _nodes) await node.StopAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes) await node.DisposeAsync();
    }

    private void Add(AgentPropertiesFile file, TimeProvider time, ILoggerFactory loggers)
    {
        var host = HostSetup.Simulated(file, time, loggers);
        _nodes.Add(new AgentNode(file, host, host, new LinkToManagement(this), time, loggers));
    }

    private static AgentPropertiesFile Open(string path, TimeProvider time)
    {
        try
        {
            // Files of an earlier version may lack hypervisor.type: within management all hosts are simulated.
            var folder = new Dictionary<string, string> { [AgentProperties.DataFolderKey] = Path.GetDirectoryName(path)! };
            return AgentPropertiesFile.Open(path, time, folder, AgentProperties.Simulated);
        }
        catch (AgentPropertiesException exception)
        {
            throw new SetupException(exception.Message, exception);
        }
    }

    private static void CopyTo(string folder)
    {
        foreach (var source in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Embedded", "hosts"), "*.properties"))
        {
            var own = Directory.CreateDirectory(Path.Combine(folder, Path.GetFileNameWithoutExtension(source)));
            File.Copy(source, Path.Combine(own.FullName, "agent.properties"));
        }
    }

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "{Files} have the same guid {Guid}: none of these hosts starts; each host needs a guid of its own")]
    private partial void LogSameGuid(string files, string guid);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Host} does not start: {Why}; and start management again")]
    private partial void LogDoesNotStart(string host, string why);

    private sealed class LinkToManagement(EmbeddedHosts hosts) : IManagementLink
    {
        private IBus? _bus;

        public Task SendAsync(object message, CancellationToken cancellationToken) =>
            (_bus ??= hosts._services!.GetRequiredService<IBus>()).Publish(message, message.GetType(), cancellationToken);
    }
}
