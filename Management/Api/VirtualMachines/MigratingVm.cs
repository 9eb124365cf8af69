using Microsoft.EntityFrameworkCore;
using PciBus.Management.Persistence;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Api.VirtualMachines;

/// <summary>The virtual machine that a command about migrations names.</summary>
internal static class MigratingVm
{
    /// <exception cref="ApiException">It was expunged.</exception>
    public static async Task<VirtualMachine> LoadAsync(PciBusDbContext database, long id, CancellationToken cancellationToken)
    {
        var vm = await database.Set<VirtualMachine>().AsNoTracking().SingleAsync(row => row.Id == id, cancellationToken);
        return vm.Removed is null ? vm : throw ApiException.InvalidParameter($"{vm.Name} was expunged");
    }

    /// <exception cref="ApiException">It does not run.</exception>
    public static void RefuseUnlessRunning(VirtualMachine vm)
    {
        if (vm.State == VirtualMachineState.Running) return;
        throw ApiException.InvalidParameter($"{vm.Name} is {vm.State}, it can be migrated only when it is Running");
    }
}
