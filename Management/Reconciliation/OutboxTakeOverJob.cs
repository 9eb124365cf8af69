using PciBus.Management.Persistence;

namespace PciBus.Management.Reconciliation;

/// <summary>Sends what processes that died have left in the outbox: the messages whose lease has ended.</summary>
internal sealed class OutboxTakeOverJob(OutboxRelay outbox, TimeProvider time) : IReconciliationJob
{
    // What another server left behind waits for no scheduler's turn.
    public static ReconciliationJob About { get; } = new(
        typeof(OutboxTakeOverJob), "outbox", "Sends what servers that died have left in the outbox",
        TimeSpan.FromSeconds(2), "how often each server looks for messages of servers that died")
    { PerServer = true };

    public async Task<string?> RunAsync(CancellationToken cancellationToken) =>
        await outbox.TakeOverAsync(time.GetUtcNow(), cancellationToken) is > 0 and var taken ? $"messages taken over: {taken}" : null;
}
