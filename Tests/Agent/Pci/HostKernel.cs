using PciBus.Contracts.PciDevices;

namespace PciBus.Tests.Agent.Pci;

/// <summary>Does to a made tree what the kernel does when its files are written to, and keeps what was written.</summary>
internal sealed class HostKernel(PciTree tree)
{
    /// <summary>The driver that a device gets when none is wished for; null for none.</summary>
    public string? OwnDriver { get; set; } = "e1000e";

    /// <summary>What the write to a file whose name ends so is refused with.</summary>
    public (string File, string Error)? Refusal { get; set; }

    /// <summary>Whether vfio-pci takes the devices that it is offered.</summary>
    public bool VfioTakes { get; set; } = true;

    /// <summary>Called when a device was reset.</summary>
    public Action<PciAddress>? WasReset { get; set; }

    public List<string> Written { get; } = [];

    public void Write(string path, string text)
    {
        lock (Written) Written.Add($"{path} {text.Trim()}");
        if (Refusal is { } refusal && path.EndsWith(refusal.File, StringComparison.Ordinal)) throw new IOException(refusal.Error);
        var parts = path.Split('/');
        switch (parts[^1])
        {
            case "driver_override":
                tree.Put(path, text.Trim().Length == 0 ? "(null)\n" : $"{text}\n");
                break;
            case "unbind":
                tree.Drive(PciAddress.Parse(text), null);
                break;
            case "drivers_probe":
                Probe(PciAddress.Parse(text));
                break;
            case "reset":
                WasReset?.Invoke(PciAddress.Parse(parts[^2]));
                break;
            default:
                throw new IOException($"the kernel has no file {path}");
        }
    }

    private void Probe(PciAddress address)
    {
        if (tree.Bus.Find(address)?.Driver is not null) return;
        var wish = tree.Sysfs.Text($"bus/pci/devices/{address}/driver_override");
        if (wish is "(null)") tree.Drive(address, OwnDriver);
        else if (VfioTakes) tree.Drive(address, wish);
    }
}
