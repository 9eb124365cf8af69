using Microsoft.Extensions.Hosting.Systemd;
using PciBus.Agent.Broker;
using PciBus.Agent.Registration;

namespace PciBus.Agent.Setup;

/// <summary>What the agent's process is made of.</summary>
internal static class AgentHost
{
    /// <param name="error">Where an end by itself is explained.</param>
    public static IHost Build(AgentPropertiesFile file, BrokerConnector connector, TextWriter error, LogLevel logLevel)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        LoggingSetup.Configure(builder.Logging, logLevel);
        // RunCommand tells in one line what hinders the start.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        builder.Services
            .AddSingleton(TimeProvider.System)
            .AddSingleton(error)
            .AddSingleton(file)
            .AddSingleton(connector)
            .AddSingleton<BrokerLink>()
            .AddSingleton<IManagementLink>(services => services.GetRequiredService<BrokerLink>())
            .AddHost(file)
            .AddSingleton<AgentNode>()
            .AddSingleton<ISystemdNotifier, SystemdNotifier>()
            .AddSingleton<IHostLifetime, NotifyLifetime>()
            .AddSingleton<AgentService>()
            .AddHostedService(services => services.GetRequiredService<AgentService>());
        return builder.Build();
    }
}
