namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>Named parameters of a call, in libvirt's memory.</summary>
internal sealed unsafe class LibvirtTypedParameters : IDisposable
{
    private nint _first;
    private int _count;
    private int _room;

    public LibvirtTypedParameters(IEnumerable<(string Name, string Value)> parameters)
    {
        try
        {
            foreach (var (name, value) in parameters)
            {
                LibvirtSession.Checked(LibvirtNative.virTypedParamsAddString(ref _first, ref _count, ref _room, name, value));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public int Migrate(LibvirtDomainHandle domain, string uri, uint flags) =>
        LibvirtNative.virDomainMigrateToURI3(domain, uri, (void*)_first, (uint)_count, flags);

    public void Dispose()
    {
        LibvirtNative.virTypedParamsFree(_first, _count);
        (_first, _count, _room) = (0, 0, 0);
    }
}
