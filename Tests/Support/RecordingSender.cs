using System.Collections.Concurrent;
using PciBus.Management.Persistence;

namespace PciBus.Tests.Support;

/// <summary>A bus that writes down what it is given, and fails when told to.</summary>
internal sealed class RecordingSender : IMessageSender
{
    private readonly ConcurrentQueue<(string Destination, object Message)> _sent = new();
    private readonly ConcurrentQueue<(string Destination, object Message)> _undelivered = new();

    /// <summary>All that was sent, in order.</summary>
    public IReadOnlyList<(string Destination, object Message)> Sent => [.. _sent];

    /// <summary>Messages for which the broker is not there.</summary>
    public Func<object, bool> Fails { get; set; } = _ => false;

    /// <summary>Messages whose queue is not there.</summary>
    public Func<object, Delivery?> Returns { get; set; } = _ => null;

    public Task<Delivery> SendAsync(string destination, object message, CancellationToken cancellationToken)
    {
        if (Fails(message)) throw new IOException("the broker is not there");
        if (Returns(message) is { } returned) return Task.FromResult(returned);
        _sent.Enqueue((destination, message));
        _undelivered.Enqueue((destination, message));
        return Task.FromResult(Delivery.Taken);
    }

    /// <summary>The oldest message that was not taken yet.</summary>
    public bool TryTake(out (string Destination, object Message) sent) => _undelivered.TryDequeue(out sent);

    public T Last<T>() => Sent.Select(sent => sent.Message).OfType<T>().Last();
}
