namespace PciBus.Management.Events;

/// <summary>What an alert is about, and how it ends. An alert about a host also ends when the host is deleted.</summary>
internal enum AlertType
{
    /// <summary>An entry of <c>pci.devices</c> is not served.</summary>
    [AlertEnd("a report of the host has no such entry any more")]
    BadPciDeviceEntry,

    /// <summary>agent.properties cannot be read, or has no <c>pci.devices</c>.</summary>
    [AlertEnd("a report of the host has no such warning any more")]
    AgentProperties,

    /// <summary>A device with an owner is no longer seen.</summary>
    [AlertEnd("a report of the host shows the device, or nobody owns it any more")]
    PciDeviceMissing,

    /// <summary>A device is given to no virtual machine until somebody has looked at it.</summary>
    [AlertEnd("the device was released from quarantine, or is gone")]
    PciDeviceQuarantined,

    /// <summary>A device is in a domain that does not own it.</summary>
    [AlertEnd("a report of the host shows the device out of that domain")]
    PciDeviceInForeignDomain,

    /// <summary>A host runs a domain that nobody placed there.</summary>
    [AlertEnd("a report of the host has no such domain any more")]
    UnknownDomain,

    /// <summary>A workflow waits for a host that does not speak.</summary>
    [AlertEnd("the workflow goes on or ends: the host speaks, is declared down, or somebody cancels it")]
    WaitingForHost,

    /// <summary>A host is not heard, or was declared down.</summary>
    [AlertEnd("the host is Up")]
    HostAway,

    /// <summary>A highly available virtual machine could not be started again.</summary>
    [AlertEnd("the virtual machine runs again, or somebody stops or destroys it")]
    RestartFailed,

    /// <summary>A host's clock is far from management's.</summary>
    [AlertEnd("a report of the host was sent by a clock that is near")]
    ClockSkew,

    /// <summary>A virtual machine and what its hosts say of it do not agree.</summary>
    [AlertEnd("that host says that the virtual machine is off there, it runs there rightly, its migration has ended, that host is declared "
        + "down, or it is expunged")]
    VirtualMachineUnsettled,

    /// <summary>Management could not handle a message, and gave it up.</summary>
    [AlertEnd("an operator archives or deletes it: the message lies in its queue", ByOperator = true)]
    DeadLetter,

    /// <summary>A reconciliation job failed several times in a row.</summary>
    [AlertEnd("the job succeeds on the server on which it failed, or first on one that has just begun")]
    ReconciliationJobFails,

    /// <summary>A device of a running virtual machine is not in its domain.</summary>
    [AlertEnd("a report of the host shows the device in its domain, or the virtual machine does not run there any more")]
    PciDeviceNotInDomain,

    /// <summary>What a host's capacity said was taken was not the sum of what virtual machines have taken.</summary>
    [AlertEnd("the next look at the host finds that it is right")]
    CapacityCorrected,

    /// <summary>A host that is not heard could not be fenced, or may not be.</summary>
    [AlertEnd("the host is Up or Down")]
    FencingFailed,

    /// <summary>Somebody wanted to be heard as a host, and is no host or another one.</summary>
    [AlertEnd("the host of that name joins; else an operator archives or deletes it", ByOperator = true)]
    HostRefused,

    /// <summary>A host's machine announces itself with another guid, or another machine with the host's.</summary>
    [AlertEnd("the host announces itself from its own machine: reconnectHost asks it to")]
    HostMachine,

    /// <summary>A host runs a virtual machine that should not be there: no other copy is started until the host says Off.</summary>
    [AlertEnd("that host says that the virtual machine is off there, it runs there rightly, or that host is declared down")]
    VirtualMachineSighted,

    /// <summary>A running virtual machine has fewer PCI devices than it should have.</summary>
    [AlertEnd("the virtual machine has all of its devices, or does not run any more")]
    VirtualMachineDegraded,

    /// <summary>A host could not be emptied for maintenance, or not yet.</summary>
    [AlertEnd("the host is empty, its maintenance is cancelled, or what was in the way has gone")]
    MaintenanceFailed,

    /// <summary>The domain of a running virtual machine does not run: it is paused, or its guest has crashed.</summary>
    [AlertEnd("a report of the host shows that the domain runs, or the virtual machine stops or migrates")]
    DomainNotRunning,

    /// <summary>A host that was deleted has announced itself again: it is a new host, and Disabled.</summary>
    [AlertEnd("an operator enables the host or deletes it: until then it takes no virtual machines")]
    HostReturned,

    /// <summary>The agent of a host names another zone, pod or cluster than the records have for the host.</summary>
    [AlertEnd("the host announces itself from where management has it, or is moved: once nothing runs or is claimed there")]
    HostPlace,

    /// <summary>A device with an owner can be given to nobody any more, as its host says.</summary>
    [AlertEnd("a report of the host shows that the device can be used, or nobody owns it any more")]
    PciDeviceUnusable,

    /// <summary>A device is at another address than pci.devices says, since its host rebooted.</summary>
    [AlertEnd("pci.devices names the device where it is, or has no entry for its earlier address any more")]
    PciDeviceRenumbered,
}

/// <summary>
/// Says how alerts of a type end. An alert that stands holds back the next alert like it, so each type needs an end. An operator can end
/// any alert with archiveAlerts or deleteAlerts; while its cause lasts, it is raised anew when that is next looked at.
/// </summary>
/// <param name="when">Goes on after "It ends when", for operators.</param>
[AttributeUsage(AttributeTargets.Field)]
internal sealed class AlertEndAttribute(string when) : Attribute
{
    public string When => when;

    /// <summary>The alert tells of something that has happened: only an operator looks at it again.</summary>
    public bool ByOperator { get; init; }
}
