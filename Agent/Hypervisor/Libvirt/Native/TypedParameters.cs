namespace PciBus.Agent.Hypervisor.Libvirt.Native;

/// <summary>virTypedParameter: named values, to libvirt or from it.</summary>
internal sealed class TypedParameters : IDisposable
{
    private nint _parameters;
    private int _count;
    private int _capacity;

    public TypedParameters()
    {
    }

    /// <param name="parameters">What a call has returned, to be freed.</param>
    /// <param name="count">How many.</param>
    public TypedParameters(nint parameters, int count) => (_parameters, _count) = (parameters, count);

    public nint Pointer => _parameters;

    public int Count => _count;

    public void Add(string name, string value) =>
        LibvirtError.Check(LibvirtApi.virTypedParamsAddString(ref _parameters, ref _count, ref _capacity, name, value));

    /// <summary>Null when there is none of this name.</summary>
    public int? Number(string name) =>
        LibvirtApi.virTypedParamsGetInt(_parameters, _count, name, out var value) > 0 ? value : null;

    /// <summary>Null when there is none of this name.</summary>
    public long? Size(string name) =>
        LibvirtApi.virTypedParamsGetULLong(_parameters, _count, name, out var value) > 0 ? (long)value : null;

    public void Dispose()
    {
        LibvirtApi.virTypedParamsFree(_parameters, _count);
        (_parameters, _count) = (0, 0);
    }
}
