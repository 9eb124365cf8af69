namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>Networks.</summary>
internal sealed partial class LibvirtConnection
{
    /// <returns>Whether the network of this name is active; null when there is none.</returns>
    public Task<bool?> IsNetworkActiveAsync(string name, CancellationToken cancellationToken) =>
        RunAsync<bool?>($"virNetworkLookupByName {name}", LibvirtDeadlines.Look, connection =>
        {
            using var network = LibvirtNative.virNetworkLookupByName(connection, name);
            if (!network.IsInvalid) return LibvirtSession.Checked(LibvirtNative.virNetworkIsActive(network)) == 1;
            var error = LibvirtException.OfThisThread();
            return error.Failure == LibvirtFailure.NoNetwork ? null : throw error;
        }, cancellationToken);
}
