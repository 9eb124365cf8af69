namespace PciBus.Management.Events;

/// <summary>What an alert is about.</summary>
internal enum AlertType
{
    /// <summary>An entry of <c>pci.devices</c> is not served.</summary>
    BadPciDeviceEntry,

    /// <summary>agent.properties cannot be read, or has no <c>pci.devices</c>.</summary>
    AgentProperties,

    /// <summary>A device with an owner is no longer seen.</summary>
    PciDeviceMissing,
    PciDeviceQuarantined,

    /// <summary>A device is in a domain that does not own it.</summary>
    PciDeviceInForeignDomain,

    /// <summary>A host runs a domain that nobody placed there.</summary>
    UnknownDomain,

    /// <summary>A workflow waits for a host that does not speak.</summary>
    WaitingForHost,

    /// <summary>A host is not heard, or was declared down.</summary>
    HostAway,

    /// <summary>A highly available virtual machine could not be started again.</summary>
    RestartFailed,

    /// <summary>A host's clock is far from management's.</summary>
    ClockSkew,

    /// <summary>A virtual machine and what its hosts say of it do not agree.</summary>
    VirtualMachineUnsettled,

    /// <summary>Management could not handle a message, and gave it up.</summary>
    DeadLetter,

    /// <summary>A reconciliation job failed several times in a row.</summary>
    ReconciliationJobFails,

    /// <summary>A device of a running virtual machine is not in its domain.</summary>
    PciDeviceNotInDomain,

    /// <summary>What a host's capacity said was taken was not the sum of what virtual machines have taken.</summary>
    CapacityCorrected,

    /// <summary>A host that is not heard could not be fenced, or may not be.</summary>
    FencingFailed,

    /// <summary>Somebody who is no host, or not this one, wanted to be heard as one.</summary>
    HostRefused,

    /// <summary>A host's machine announces itself with another guid, or another machine with the host's.</summary>
    HostMachine,

    /// <summary>A host runs a virtual machine that should not be there: no other copy is started until it says that it is off.</summary>
    VirtualMachineSighted,

    /// <summary>A running virtual machine has fewer PCI devices than it should have.</summary>
    VirtualMachineDegraded,

    /// <summary>A host could not be emptied for maintenance, or not yet.</summary>
    MaintenanceFailed,
}
