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

        var host = AgentHost.Build(properties, connector, error, logLevel);
        var service = host.Services.GetRequiredService<AgentService>();
        try
        {
            // The token of the command line stands for the signals; the host is disposed of when it has ended.
            await host.RunAsync(cancellationToken);
        }
        catch (IOException e)
        {
            await error.WriteLineAsync(e.Message);
            return NotUsable;
        }

        return await service.Served;
    }
}
