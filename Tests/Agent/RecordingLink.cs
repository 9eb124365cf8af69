using PciBus.Agent;

namespace PciBus.Tests.Agent;

/// <summary>Keeps what an agent says to management.</summary>
internal sealed class RecordingLink : IManagementLink
{
    private readonly List<object> _sent = [];

    public Task SendAsync(object message, CancellationToken cancellationToken)
    {
        lock (_sent) _sent.Add(message);
        return Task.CompletedTask;
    }

    public IReadOnlyList<T> Sent<T>()
    {
        lock (_sent) return [.. _sent.OfType<T>()];
    }
}
