using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace PciBus.Agent.Broker;

/// <summary>
/// Looks now and then whether the broker still has this agent's queue and delivers from it. A broker that loses a queue in a partition does
/// not always tell its consumer: pings would go on, on their own way, and no command would come.
/// </summary>
/// <param name="connector">Knows the queue.</param>
/// <param name="connection">The connection whose queue it is.</param>
/// <param name="time">Ends a look that takes too long.</param>
/// <param name="lost">Is told why the queue is of no use any more.</param>
internal sealed class QueueWatch(BrokerConnector connector, IConnection connection, TimeProvider time, Action<string> lost) : IDisposable
{
    /// <summary>One ping of so many triggers a look.</summary>
    public const int EveryPings = 3;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20);

    private readonly CancellationTokenSource _life = new();
    private int _pings;
    private int _looking;

    /// <summary>Notes that a ping has gone out. If it is time for a look, the look holds nobody up.</summary>
    public void NotePing()
    {
        if (Interlocked.Increment(ref _pings) % EveryPings == 0 && Interlocked.Exchange(ref _looking, 1) == 0) _ = LookAsync();
    }

    public void Dispose() => _life.Cancel();

    private async Task LookAsync()
    {
        try
        {
            using var patience = new CancellationTokenSource(Timeout, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, _life.Token);
            // A channel of its own: the broker closes it when the queue is not there.
            await using var channel = await connection.CreateChannelAsync(cancellationToken: either.Token);
            var found = await channel.QueueDeclarePassiveAsync(connector.Queue, either.Token);
            if (found.ConsumerCount == 0) lost("nobody consumes it");
            // A binding that is there stays as it is; a binding that the broker has lost is made again.
            else await channel.QueueBindAsync(connector.Queue, connector.Queue, "", cancellationToken: either.Token);
        }
        catch (OperationInterruptedException refusal) when (connection.IsOpen)
        {
            lost(refusal.ShutdownReason?.ReplyText ?? refusal.Message);
        }
        catch (Exception e) when (e is AlreadyClosedException or OperationInterruptedException or OperationCanceledException
            or ObjectDisposedException or IOException)
        {
            // The connection goes, and the queue with it; or the broker is busy, and the next look tells.
        }
        finally
        {
            Volatile.Write(ref _looking, 0);
        }
    }
}
