using PciBus.Agent.Broker;
using PciBus.Agent.Pci;
using PciBus.Agent.Registration;

namespace PciBus.Agent.Setup;

/// <summary><c>Agent check</c>: prints what the agent would serve, and everything that is wrong.</summary>
internal static class CheckCommand
{
    /// <returns>The exit code: 0 when everything is served, 1 when something is wrong.</returns>
    public static async Task<int> RunAsync(FileInfo file, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        AgentPropertiesFile opened;
        try
        {
            opened = EnvironmentOverrides.Open(file);
        }
        catch (AgentPropertiesException e)
        {
            foreach (var problem in e.Problems) await error.WriteLineAsync($"{file.Name}: {problem}");
            return 1;
        }

        var (properties, list) = (opened.Properties, opened.Devices);
        await output.WriteLineAsync($"host {properties.Name} ({properties.Guid}), hypervisor {properties.HypervisorType}");
        var hostProblems = await HostProblemsAsync(opened, output, cancellationToken);
        foreach (var unknown in properties.UnknownKeys) await error.WriteLineAsync(unknown);
        List<string> problems =
        [
            .. list.Bad.Select(bad => $"{file.Name}: entry {bad.Position} \"{bad.Entry}\" is not served: {bad.Reason}"),
            .. list.Warnings,
            .. hostProblems,
            .. FolderProblems(properties.DataFolder),
            .. await BrokerProblemsAsync(file, properties.Connector, output, cancellationToken),
        ];
        foreach (var problem in problems) await error.WriteLineAsync(problem);
        return problems.Count == 0 ? 0 : 1;
    }

    private static async Task<IReadOnlyList<string>> HostProblemsAsync(AgentPropertiesFile file, TextWriter output, CancellationToken cancellationToken)
    {
        var devices = file.Devices.Devices ?? [];
        if (file.Properties.HypervisorType == AgentProperties.KvmType) return await HostCheck.RunAsync(file, HostPci.OfTheMachine(() => devices), output, cancellationToken);
        foreach (var device in devices) await output.WriteLineAsync($"{device.Address} {device.Name}");
        return [];
    }

    private static async Task<IReadOnlyList<string>> BrokerProblemsAsync(
        FileInfo file, BrokerConnector? connector, TextWriter output, CancellationToken cancellationToken)
    {
        if (connector is null) return [AgentProperties.NoBus(file.FullName)];
        var problems = await BrokerCheck.RunAsync(connector, cancellationToken);
        if (problems.Count == 0) await output.WriteLineAsync($"broker {connector.Address}");
        return problems;
    }

    private static IEnumerable<string> FolderProblems(string folder)
    {
        var probe = Path.Combine(folder, ".check");
        try
        {
            Directory.CreateDirectory(folder);
            File.WriteAllText(probe, "");
            File.Delete(probe);
            return [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [$"{AgentProperties.DataFolderKey}={folder} cannot be written: {e.Message}"];
        }
    }
}
