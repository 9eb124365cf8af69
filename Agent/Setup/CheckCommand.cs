using PciBus.Agent.Registration;

namespace PciBus.Agent.Setup;

/// <summary><c>Agent check</c>.</summary>
internal static class CheckCommand
{
    /// <returns>The exit code: 0 when everything is served, 1 when something is wrong.</returns>
    public static int Run(FileInfo file, TextWriter output, TextWriter error)
    {
        PciDeviceList list;
        try
        {
            list = AgentPropertiesFile.Open(file.FullName, TimeProvider.System).Devices;
        }
        catch (AgentPropertiesException e)
        {
            foreach (var problem in e.Problems) error.WriteLine($"{file.Name}: {problem}");
            return 1;
        }

        foreach (var device in list.Devices ?? []) output.WriteLine($"{device.Address} {device.Name}");
        foreach (var bad in list.Bad) error.WriteLine($"{file.Name}: entry {bad.Position} \"{bad.Entry}\" is not served: {bad.Reason}");
        foreach (var warning in list.Warnings) error.WriteLine(warning);
        return list.Bad.Count + list.Warnings.Count == 0 ? 0 : 1;
    }
}
