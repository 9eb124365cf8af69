using PciBus.Management.Persistence;

namespace PciBus.Management.Reconciliation;

/// <summary>
/// Wakes a reconciliation job with the commit of the current transaction: what must follow it follows at once, in this process. A wake is
/// lost with the process that dies after the commit: the job's next turn is the net.
/// </summary>
internal sealed class Activation(AfterCommit commit, ReconciliationActivator activator)
{
    /// <param name="job">Its name; of none that there is, it is an error before the commit.</param>
    public void Wake(string job) => commit.Actions.Add(activator.WakerOf(job));
}
