using PciBus.Management.Persistence;

namespace PciBus.Management.Reconciliation;

/// <summary>Sends the messages that processes that died have left in the outbox: those whose lease has ended.</summary>
internal sealed class OutboxTakeOverJob(OutboxRelay outbox, TimeProvider time) : IReconciliationJob
{
    // Per server: messages of a dead server wait for no scheduler's turn.
    public static ReconciliationJob About { get; } = new(
        typeof(OutboxTakeOverJob), "outbox", "Sends what servers that died have left in the outbox",
        TimeSpan.FromSeconds(2), "how often each server looks for messages of servers that died")
    { PerServer = true };

    public async Task<string?> RunAsync(CancellationToken cancellationToken) =>
        await outbox.TakeOverAsync(time.GetUtcNow(), cancellationToken) is > 0 and var taken ? $"messages taken over: {taken}" : null;
}
