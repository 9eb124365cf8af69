using PciBus.Agent.Broker;
using PciBus.Agent.Registration;

namespace PciBus.Agent.Setup;

/// <summary><c>Agent run</c>: until it is asked to stop, or may not be this host.</summary>
internal static class RunCommand
{
    /// <summary>Exit code: agent.properties or the data folder cannot be used.</summary>
    public const int NotUsable = 1;

    /// <summary>Exit code: another agent is this host.</summary>
    public const int GuidInUse = 3;

    /// <summary>Exit code: a part of the agent has failed, as its log says. Its supervisor starts it again.</summary>
    public const int Broken = 4;

    /// <summary>For the farewell, should the broker not take it.</summary>
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(10);

    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(FileInfo file, LogLevel logLevel, TextWriter error, CancellationToken cancellationToken)
    {
        AgentPropertiesFile properties;
        try
        {
            properties = EnvironmentOverrides.Open(file);
        }
        catch (AgentPropertiesException e)
        {
            await error.WriteLineAsync(e.Message);
            return NotUsable;
        }

        if (properties.Properties.Connector is not { } connector)
        {
            await error.WriteLineAsync(AgentProperties.NoBus(file.FullName));
            return NotUsable;
        }

        using var loggers = LoggerFactory.Create(logging => LoggingSetup.Configure(logging, logLevel));
        using var link = new BrokerLink(connector, TimeProvider.System, loggers.CreateLogger<BrokerLink>());
        var host = HostSetup.Simulated(properties, TimeProvider.System, loggers);
        await using var node = new AgentNode(properties, host, host, link, TimeProvider.System, loggers);
        try
        {
            await node.StartAsync(cancellationToken);
        }
        catch (IOException e)
        {
            await error.WriteLineAsync(e.Message);
            return NotUsable;
        }

        return await ServeAsync(node, link, error, cancellationToken);
    }

    /// <summary>Serves until it is asked to stop, another agent is this host, or a part of the agent has failed.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> ServeAsync(AgentNode node, BrokerLink link, TextWriter error, CancellationToken cancellationToken)
    {
        using var connection = new CancellationTokenSource();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var stop = cancellationToken.Register(asked.SetResult);
        var serving = link.RunAsync(node, connection.Token);
        await Task.WhenAny(serving, asked.Task, node.Broken);
        using var patience = new CancellationTokenSource(StopPatience, TimeProvider.System);
        try
        {
            // The connection is still there: management hears the farewell.
            await node.StopAsync(patience.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            // It will find out by itself.
        }

        await connection.CancelAsync();
        try
        {
            await serving;
        }
        catch (GuidInUseException e)
        {
            await error.WriteLineAsync(e.Message);
            return GuidInUse;
        }
        catch (Exception) when (connection.IsCancellationRequested)
        {
            // As asked; an attempt to connect that fails in this moment does not matter any more.
        }

        if (!node.Broken.IsCompleted) return 0;
        await error.WriteLineAsync("A part of the agent has failed, as its log says: it ends, to be started again");
        return Broken;
    }
}
