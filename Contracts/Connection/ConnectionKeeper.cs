using RabbitMQ.Client;

namespace PciBus.Contracts.Connection;

/// <summary>Keeps a connection with the broker: opens one, and another whenever it is lost, until it is disposed of.</summary>
/// <param name="connect">Opens a connection that does not recover by itself.</param>
/// <param name="pauses">
/// The time between the loss of a connection, or an attempt that failed, and the next attempt. It doubles from the first to the last.
/// </param>
/// <param name="time">Measures the pauses.</param>
public sealed class ConnectionKeeper(
    Func<CancellationToken, Task<IConnection>> connect, (TimeSpan First, TimeSpan Last) pauses, TimeProvider time) : IDisposable
{
    private readonly CancellationTokenSource _life = new();
    private volatile TaskCompletionSource<BrokerConnection> _next = NewNext();
    private volatile BrokerConnection? _current;
    private TimeSpan _pause = pauses.First;

    /// <summary>The connection of this moment; null while there is none.</summary>
    public BrokerConnection? Current => _current is { Lost.IsCompleted: false } current ? current : null;

    /// <summary>
    /// The connection of this moment, or else the next. It fails when the attempt to open the next one fails, with the attempt's exception.
    /// </summary>
    public Task<BrokerConnection> NextAsync() => _next.Task;

    /// <summary>Opens connections, one after the other, until it is cancelled or the keeper is disposed of.</summary>
    /// <param name="serve">Makes a new connection ready, <see cref="Give">gives</see> it, and returns when it is lost.</param>
    /// <param name="failed">
    /// Is told why there is no connection, and answers whether the next pause is longer. An exception of it ends everything.
    /// </param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task RunAsync(
        Func<BrokerConnection, CancellationToken, Task> serve, Func<Exception, bool> failed, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_life.Token, cancellationToken);
        while (true)
        {
            var (grows, failure) = (true, default(Exception));
            try
            {
                await using var connection = new BrokerConnection(await connect(either.Token));
                await serve(connection, either.Token);
            }
            catch (Exception exception) when (!either.IsCancellationRequested)
            {
                grows = failed(failure = exception);
            }

            Renew(failure);
            await Task.Delay(_pause, time, either.Token);
            if (grows) _pause = TimeSpan.FromTicks(Math.Min(_pause.Ticks * 2, pauses.Last.Ticks));
        }
    }

    /// <summary>Gives a connection that is ready to all who wait for it, and to all who ask until it is lost.</summary>
    /// <returns>Ends when it is lost; its result is the reason.</returns>
    public Task<string> Give(BrokerConnection connection)
    {
        (_pause, _current) = (pauses.First, connection);
        _next.TrySetResult(connection);
        return connection.Lost;
    }

    /// <summary>Closes the connection of this moment in good order, and opens none any more.</summary>
    public void Dispose() => _life.Cancel();

    private static TaskCompletionSource<BrokerConnection> NewNext() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Renew(Exception? failure)
    {
        var before = _next;
        _next = NewNext();
        if (before.TrySetException(failure ?? new IOException("the connection was lost before it was ready")))
        {
            // Nobody may have waited for it, which is no error.
            _ = before.Task.Exception;
        }
    }
}
