using Microsoft.Extensions.DependencyInjection;
using PciBus.Management.Setup;
using PciBus.Management.VirtualMachines;
using PciBus.Tests.Simulation.World;

namespace PciBus.Tests.Simulation.Planted;

/// <summary>
/// A bug that is put into the product from outside, to prove that the simulation finds it: the product itself has no
/// switches for it. This one is none.
/// </summary>
internal class PlantedBug
{
    public static PlantedBug None { get; } = new();

    public string Name => GetType().Name;

    /// <summary>Replaces parts of management.</summary>
    public virtual void Configure(IServiceCollection services)
    {
    }

    /// <summary>Changes who acts when a virtual machine changes.</summary>
    /// <param name="change">Makes of a listener those that take its place.</param>
    protected static void ReplaceListeners(
        IServiceCollection services, Func<IServiceProvider, IStateListener, IEnumerable<IStateListener>> change) =>
        services.AddScoped<IReadOnlyList<IStateListener>>(provider =>
            [.. StateListeners.InOrder.SelectMany(listener => change(provider, (IStateListener)provider.GetRequiredService(listener)))]);

    /// <summary>Changes what management asks of the database.</summary>
    public virtual string Rewrite(string sql) => sql;

    /// <summary>Loses a message as if it had been sent.</summary>
    public virtual bool Swallows(object message) => false;

    /// <summary>Changes a message on its arrival at an agent.</summary>
    public virtual object ToAgent(object message, HostMachine agent) => message;

    /// <summary>Changes a message on its arrival at management.</summary>
    public virtual object ToManagement(object message, HostMachine from) => message;
}
