using PciBus.Agent.Broker;
using PciBus.Agent.Registration;
using PciBus.Contracts.PciDevices;

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

        var properties = opened.Properties;
        await output.WriteLineAsync($"host {properties.Name} ({properties.Guid}), hypervisor {properties.HypervisorType}");
        var folder = FolderProblems(properties.DataFolder);
        var machine = folder.Count == 0 ? await MachineProblemsAsync(properties, output, cancellationToken) : [];
        var (list, devices) = await LookAsync(opened, cancellationToken);
        foreach (var line in CheckedDevices.Lines(list, devices)) await output.WriteLineAsync(line);
        foreach (var bad in list.Bad) await output.WriteLineAsync($"\"{bad.Entry}\" (entry {bad.Position}) is not served: {bad.Reason}");
        foreach (var unknown in properties.UnknownKeys) await error.WriteLineAsync(unknown);
        List<string> problems =
        [
            .. list.Warnings,
            .. folder,
            .. machine,
            .. await BrokerProblemsAsync(file, properties.Connector, output, cancellationToken),
        ];
        foreach (var problem in problems) await error.WriteLineAsync(problem);
        return problems.Count == 0 && list.Bad.Count == 0 && CheckedDevices.AreReady(list, devices) ? 0 : 1;
    }

    private static async Task<IReadOnlyList<string>> MachineProblemsAsync(
        AgentProperties properties, TextWriter output, CancellationToken cancellationToken)
    {
        try
        {
            await output.WriteLineAsync($"machine {await HostSetup.FindMachineIdAsync(properties, cancellationToken)}");
            return await HostSetup.ListProblemsAsync(properties, cancellationToken);
        }
        catch (IOException e)
        {
            return [e.Message];
        }
    }

    private static async Task<(PciDeviceList List, IReadOnlyList<PciDeviceTO> Devices)> LookAsync(
        AgentPropertiesFile file, CancellationToken cancellationToken)
    {
        try
        {
            return await HostSetup.LookAsync(file, cancellationToken);
        }
        catch (IOException e)
        {
            return (file.Devices with { Warnings = [.. file.Devices.Warnings, e.Message] }, []);
        }
    }

    private static async Task<IReadOnlyList<string>> BrokerProblemsAsync(
        FileInfo file, BrokerConnector? connector, TextWriter output, CancellationToken cancellationToken)
    {
        if (connector is null) return [AgentProperties.NoBus(file.FullName)];
        var problems = await BrokerCheck.RunAsync(connector, cancellationToken);
        if (problems.Count == 0) await output.WriteLineAsync($"broker {connector.Address}");
        return problems;
    }

    private static IReadOnlyList<string> FolderProblems(string folder)
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
