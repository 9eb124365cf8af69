using PciBus.Agent.Hypervisor;
using PciBus.Agent.Hypervisor.Libvirt;
using PciBus.Agent.Pci;
using PciBus.Agent.Registration;

namespace PciBus.Agent.Setup;

/// <summary>Looks at the devices and at libvirt of a KVM host, and changes nothing there.</summary>
internal static class HostCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Prints each device with what the host says of it.</summary>
    /// <returns>One sentence for each thing that is wrong.</returns>
    public static async Task<IReadOnlyList<string>> RunAsync(AgentPropertiesFile file, HostPci pci, TextWriter output, CancellationToken cancellationToken)
    {
        var problems = new List<string>();
        foreach (var device in file.Devices.Devices ?? [])
        {
            var function = pci.Find(device.Address);
            await output.WriteLineAsync($"{device.Address} {device.Name}{(function is null ? "" : $": {Text(function)}")}");
            if (function is null) problems.Add($"{device.Address} {device.Name}: the host has no such device");
            else if (pci.ObstacleOf(device.Address) is { } obstacle) problems.Add($"{device.Address} {device.Name} is not served: {obstacle}");
            else if (function.ResetMethods.Length == 0) problems.Add($"{device.Address} {device.Name} cannot be reset: it is quarantined after each use");
        }

        if (await LibvirtProblemAsync(file.Properties.Kvm.Uri, output, cancellationToken) is { } problem) problems.Add(problem);
        return problems;
    }

    private static string Text(PciFunction function) => string.Join(
        ", ",
        new[]
        {
            $"{function.VendorId}:{function.ProductId} class {function.Class}",
            function.Serial is null ? null : $"serial {function.Serial}",
            function.Driver is null ? "no driver" : $"driver {function.Driver}",
            function.IommuGroup is null ? null : $"IOMMU group {function.IommuGroup}",
            function.NumaNode is null ? null : $"NUMA node {function.NumaNode}",
            function.PhysicalFunction is null ? null : $"virtual function of {function.PhysicalFunction}",
            function.ResetMethods.Length == 0 ? null : $"reset {function.ResetMethods}",
        }.OfType<string>());

    private static async Task<string?> LibvirtProblemAsync(string uri, TextWriter output, CancellationToken cancellationToken)
    {
        try
        {
            LibvirtConnection.Load();
            using var connection = new LibvirtConnection(uri, TimeProvider.System);
            var version = await connection.CallAsync("the version", Patience, null, (handle, _) => LibvirtConnection.VersionOf(handle), cancellationToken);
            await output.WriteLineAsync($"{uri}: {version}");
            return null;
        }
        catch (Exception e) when (e is HypervisorException or IOException)
        {
            return $"{uri} cannot be used: {e.Message}";
        }
    }
}
