using PciBus.Agent.Pci;
using Xunit;

namespace PciBus.Tests.Agent.Pci;

/// <summary>The machine that the tests run on, as its own kernel shows it. Nothing is written.</summary>
public sealed class OwnMachineTests(ITestOutputHelper output)
{
    private static readonly KernelFolder Sysfs = new("/sys");
    private static readonly KernelFolder Proc = new("/proc");

    [Fact]
    public void Machine_IsRead()
    {
        Assert.SkipUnless(Sysfs.Exists(SysfsPciBus.Devices), "this machine has no /sys/bus/pci/devices");
        var bus = new SysfsPciBus(Sysfs);
        var uses = HostUses.Read(Sysfs, Proc, ManagementInterfaces.Find(Proc, []));
        var functions = bus.List();
        var usability = new PciUsability(functions.GetValueOrDefault, bus.Members, () => uses, functions.Keys.ToHashSet());

        foreach (var function in functions.Values) output.WriteLine($"{function.Description}: {usability.WhyNot(function) ?? "usable"}");
        Assert.Equal(Sysfs.Names(SysfsPciBus.Devices)!, functions.Keys.Order().Select(address => address.ToString()));
        Assert.All(functions.Values, function => Assert.Equal((4, 4, 6), (function.VendorId!.Length, function.ProductId!.Length, function.Class!.Length)));
        Assert.All(uses.Of.Keys, address => Assert.Contains(address, functions.Keys));
    }
}
