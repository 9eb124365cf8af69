namespace PciBus.Management.VirtualMachines;

/// <summary>Registers the life cycle of virtual machines; its listeners stand in a list of their own.</summary>
internal static class VirtualMachinesSetup
{
    public static IServiceCollection AddVirtualMachines(this IServiceCollection services) => services
        .AddScoped<VirtualMachineManager>();
}
