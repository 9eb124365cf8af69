using System.Collections.Concurrent;
using PciBus.Management.Persistence;

namespace PciBus.Tests.Support;

/// <summary>Takes what management sends, instead of a bus.</summary>
internal sealed class RecordingMessageSender : IMessageSender
{
    private readonly ConcurrentQueue<(string Destination, object Message)> _undelivered = new();

    /// <summary>Everything that was ever sent, in order.</summary>
    public ConcurrentQueue<(string Destination, object Message)> Sent { get; } = new();

    public Task<Delivery> SendAsync(string destination, object message, CancellationToken cancellationToken)
    {
        Sent.Enqueue((destination, message));
        _undelivered.Enqueue((destination, message));
        return Task.FromResult(Delivery.Taken);
    }

    /// <summary>The oldest message that was not taken yet.</summary>
    public bool TryTake(out (string Destination, object Message) sent) => _undelivered.TryDequeue(out sent);
}
