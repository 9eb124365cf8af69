using PciBus.Management.Accounts;
using PciBus.Management.PciDevices;
using PciBus.Management.ServiceOfferings;
using PciBus.Management.Templates;
using PciBus.Management.VirtualMachines;

namespace PciBus.Tests.Support;

/// <summary>Rows with everything in them that a test does not care about.</summary>
internal static class Rows
{
    private static readonly DateTimeOffset Created = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    public static ServiceOffering Offering(
        string pciDevices = "", int cpu = 1, int speed = 1000, int ram = 512, string hostTags = "", PciMigration migration = PciMigration.Forbid) => new()
        {
            Uuid = Guid.NewGuid(),
            Name = "small",
            DisplayText = "small",
            Cpu = cpu,
            Speed = speed,
            RamSize = ram,
            HostTags = hostTags,
            PciDevices = pciDevices,
            PciMigration = migration,
            Details = "{}",
            Created = Created,
        };

    public static Template Template() => new()
    {
        Uuid = Guid.NewGuid(),
        Name = "debian",
        DisplayText = "Debian",
        Url = "http://templates.example/debian.qcow2",
        Format = "QCOW2",
        HypervisorType = "KVM",
        AccountId = Account.AdminId,
        DomainId = Domain.RootId,
        Created = Created,
    };

    /// <summary>A stopped virtual machine of the first zone.</summary>
    public static VirtualMachine Vm(ServiceOffering offering, Template template, string name = "vm") => new()
    {
        Uuid = Guid.NewGuid(),
        Name = name,
        InstanceName = "",
        State = VirtualMachineState.Stopped,
        ServiceOfferingId = offering.Id,
        VmTemplateId = template.Id,
        DataCenterId = 1,
        AccountId = Account.AdminId,
        DomainId = Domain.RootId,
        UserId = User.AdminId,
        UpdateTime = Created,
        Created = Created,
    };

    /// <summary>A device that could be given away.</summary>
    public static PciDevice Device(string name = "10GE", int slot = 0, int function = 0, long id = 0) => new()
    {
        Id = id,
        Uuid = Guid.NewGuid(),
        HostId = 1,
        Name = name,
        ReportedName = name,
        Bus = 0x28,
        Slot = slot,
        Function = function,
        Configured = true,
        Present = true,
        Enabled = true,
        VendorId = "8086",
        ProductId = "10ed",
        Created = Created,
    };
}
