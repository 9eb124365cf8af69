using PciBus.Agent.Hypervisor;
using PciBus.Agent.Pci;
using PciBus.Contracts.PciDevices;

namespace PciBus.Tests.Hypervisor;

/// <summary>
/// Two hosts with a hypervisor each, what happens there without the agent, and devices that domains of the first can have. Guests do not
/// hear that they shall let go of a device.
/// </summary>
internal abstract class HypervisorBench : IAsyncDisposable
{
    public abstract IHypervisor First { get; }

    public abstract IPciInventory FirstDevices { get; }

    public abstract IHypervisor Second { get; }

    /// <summary>A device of the first host.</summary>
    /// <param name="number">From 1 to 5.</param>
    public virtual PciDeviceTO Device(int number) => Stand(number);

    /// <summary>A device of a host that has none of its own to give.</summary>
    public static PciDeviceTO Stand(int number) =>
        new() { Id = number, Claim = 1, Address = new PciAddress(0, 0x28, 0, (byte)number), Name = "10GE" };

    /// <summary>Guests do not hear that they shall shut down or reboot.</summary>
    public abstract void MakeDeaf();

    /// <summary>The next migration of a domain from the first host takes seconds.</summary>
    public abstract Task SlowDownAsync(Guid domain);

    /// <summary>A domain of the first host ends by itself.</summary>
    public abstract Task PowerOffAsync(Guid domain);

    public abstract Task PauseAsync(Guid domain);

    public abstract Task ResumeAsync(Guid domain);

    /// <summary>Somebody presses the reset button of a domain.</summary>
    public abstract Task ResetAsync(Guid domain);

    public abstract Task AttachAsync(Guid domain, PciDeviceTO device, CancellationToken cancellationToken);

    public abstract Task DetachAsync(Guid domain, PciDeviceTO device, CancellationToken cancellationToken);

    /// <summary>The domain shows the device.</summary>
    public abstract Task<bool> HasAsync(Guid domain, PciDeviceTO device);

    /// <summary>The first host's hypervisor ends; its domains go on.</summary>
    public abstract Task TakeAwayAsync();

    /// <summary>How libvirt begins to say that there is no hypervisor: it depends on how it is reached.</summary>
    public virtual string NobodyThere => "Failed to connect socket";

    /// <summary>It is there again, soon.</summary>
    public abstract Task BringBackAsync();

    public abstract ValueTask DisposeAsync();
}
