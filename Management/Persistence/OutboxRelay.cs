using System.Collections.Concurrent;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using PciBus.Contracts;

namespace PciBus.Management.Persistence;

/// <summary>
/// Sends the messages that transactions wrote to the outbox, after their commit, and deletes them; in order to each destination, to several
/// destinations at once. A row whose lease has ended belongs to the process that takes it over first. A message may be sent twice; its
/// receiver then finds nothing left to do.
/// </summary>
internal sealed partial class OutboxRelay(
    IServiceScopeFactory scopes,
    WriteQueue writes,
    IMessageSender sender,
    ProcessIncarnation incarnation,
    TimeProvider time,
    ILogger<OutboxRelay> logger)
{
    /// <summary>How long a row belongs to the process that wrote it or took it over: rows of a dead process wait no longer.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(5);

    /// <summary>How long a row that cannot be read is left alone: a server of a newer version may be there by then.</summary>
    public static readonly TimeSpan SetAside = TimeSpan.FromDays(1);

    private const int BatchSize = 100;
    private readonly Channel<OutboxMessage> _committed = Channel.CreateUnbounded<OutboxMessage>();

    /// <summary>Ids of the rows that this process will send by itself.</summary>
    private readonly ConcurrentDictionary<long, byte> _inHand = new();

    /// <summary>Takes the messages of a committed transaction.</summary>
    public void Take(IReadOnlyList<OutboxMessage> messages)
    {
        foreach (var message in messages)
        {
            _inHand.TryAdd(message.Id, 0);
            _committed.Writer.TryWrite(message);
        }
    }

    /// <summary>Sends committed messages as they come, until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (await _committed.Reader.WaitToReadAsync(cancellationToken))
        {
            try
            {
                await SendCommittedAsync(cancellationToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                LogDatabaseAway(exception);
            }
        }
    }

    /// <summary>Sends what was committed up to now; true when there was something.</summary>
    public async Task<bool> SendCommittedAsync(CancellationToken cancellationToken)
    {
        var batch = new List<OutboxMessage>();
        while (batch.Count < BatchSize && _committed.Reader.TryRead(out var message)) batch.Add(message);
        try
        {
            await SendAsync(batch, cancellationToken);
        }
        finally
        {
            foreach (var message in batch) _inHand.TryRemove(message.Id, out _);
        }

        return batch.Count > 0;
    }

    /// <summary>Takes over the rows whose lease has ended and sends them.</summary>
    /// <param name="leasesEndedBy">Rows leased until this moment or before count as abandoned.</param>
    /// <returns>How many were taken over.</returns>
    public async Task<int> TakeOverAsync(DateTimeOffset leasesEndedBy, CancellationToken cancellationToken)
    {
        List<OutboxMessage> abandoned;
        var total = 0;
        var before = DateTimeOffset.MinValue;
        do
        {
            abandoned = await ReadAbandonedAsync(before, leasesEndedBy, cancellationToken);
            var taken = new List<OutboxMessage>();
            foreach (var message in abandoned.Where(message => !_inHand.ContainsKey(message.Id)))
            {
                // Under another name than its writer's: the writer must see that somebody else has sent the message.
                if (await TryLeaseAsync(message, $"{incarnation.Name} for another", cancellationToken)) taken.Add(message);
            }

            if (taken.Count > 0) LogTakenOver(taken.Count);
            total += taken.Count;
            await SendAsync([.. taken.OrderBy(message => message.Id)], cancellationToken);
            // Rows that were taken over are not read again; rows that this process or others have in hand would be.
            if (taken.Count == 0 && abandoned.Count > 0) before = abandoned[^1].LeaseUntil;
        }
        while (abandoned.Count == BatchSize);
        return total;
    }

    private async Task<List<OutboxMessage>> ReadAbandonedAsync(
        DateTimeOffset after, DateTimeOffset until, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<PciBusDbContext>().Set<OutboxMessage>().AsNoTracking()
            .Where(message => message.LeaseUntil > after && message.LeaseUntil <= until)
            .OrderBy(message => message.LeaseUntil)
            .Take(BatchSize)
            .ToListAsync(cancellationToken);
    }

    /// <summary>Begins a new lease of a row.</summary>
    /// <returns>False when another process has taken the row over, or sent it.</returns>
    private async Task<bool> TryLeaseAsync(OutboxMessage message, string owner, CancellationToken cancellationToken, TimeSpan? lease = null)
    {
        await using var scope = scopes.CreateAsyncScope();
        using var turn = await writes.EnterAsync(cancellationToken);
        var until = time.GetUtcNow() + (lease ?? Lease);
        var mine = await scope.ServiceProvider.GetRequiredService<PciBusDbContext>().Set<OutboxMessage>()
            .Where(row => row.Id == message.Id && row.LeaseOwner == message.LeaseOwner && row.LeaseUntil == message.LeaseUntil)
            .ExecuteUpdateAsync(
                set => set.SetProperty(row => row.LeaseOwner, owner).SetProperty(row => row.LeaseUntil, until),
                cancellationToken);
        if (mine != 1) return false;
        (message.LeaseOwner, message.LeaseUntil) = (owner, until);
        return true;
    }

    /// <summary>Begins a new lease of rows that this process had, all in one update when nobody has taken any.</summary>
    /// <returns>The rows that another process has taken over.</returns>
    private async Task<HashSet<OutboxMessage>> LeaseAgainAsync(List<OutboxMessage> messages, CancellationToken cancellationToken)
    {
        var ids = messages.Select(message => message.Id).ToList();
        var until = time.GetUtcNow() + Lease;
        int mine;
        using (await writes.EnterAsync(cancellationToken))
        {
            await using var scope = scopes.CreateAsyncScope();
            mine = await scope.ServiceProvider.GetRequiredService<PciBusDbContext>().Set<OutboxMessage>()
                .Where(row => ids.Contains(row.Id) && row.LeaseOwner == incarnation.Name)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.LeaseUntil, until), cancellationToken);
        }

        var lost = new HashSet<OutboxMessage>();
        foreach (var message in messages)
        {
            message.LeaseUntil = until;
            if (mine < messages.Count && !await TryLeaseAsync(message, message.LeaseOwner, cancellationToken)) lost.Add(message);
        }

        return lost;
    }

    private async Task SendAsync(List<OutboxMessage> batch, CancellationToken cancellationToken)
    {
        // These waited for long, or the process stood still: rows that another process has taken over since are not sent from here.
        var late = batch.Where(message => message.LeaseUntil <= time.GetUtcNow()).ToList();
        var lost = late.Count == 0 ? [] : await LeaseAgainAsync(late, cancellationToken);
        var tried = await Task.WhenAll(batch
            .Where(message => !lost.Contains(message))
            .GroupBy(message => message.Destination)
            .Select(messages => SendInOrderAsync(messages, cancellationToken)));
        var sent = tried.SelectMany(list => list).ToLookup(one => IsKnownUndelivered(one.Message, one.Delivery), one => one.Message);
        await DeleteAsync([.. sent[false].Select(message => message.Id)], cancellationToken);
        foreach (var message in sent[true]) await TellUndeliveredAsync(message, cancellationToken);
    }

    /// <returns>The messages that were sent, or came back.</returns>
    private async Task<List<(OutboxMessage Message, Delivery Delivery)>> SendInOrderAsync(
        IEnumerable<OutboxMessage> messages, CancellationToken cancellationToken)
    {
        var tried = new List<(OutboxMessage, Delivery)>();
        foreach (var message in messages)
        {
            try
            {
                if (Read(message) is not { } content)
                {
                    await SetAsideAsync(message, cancellationToken);
                    continue;
                }

                var delivery = await sender.SendAsync(message.Destination, content, cancellationToken);
                if (delivery != Delivery.Taken) LogReturned(message.MessageType, message.Destination);
                tried.Add((message, delivery));
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                LogNotSent(exception, message.MessageType, message.Destination);
            }
        }

        return tried;
    }

    /// <summary>Only the writer of a message can know that nobody tried to send it before.</summary>
    private static bool IsKnownUndelivered(OutboxMessage message, Delivery delivery) =>
        delivery == Delivery.ReturnedAtOnce && message.Message is not null;

    private async Task DeleteAsync(IReadOnlyList<long> sent, CancellationToken cancellationToken)
    {
        if (sent.Count == 0) return;
        using var turn = await writes.EnterAsync(cancellationToken);
        await using var scope = scopes.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<PciBusDbContext>().Set<OutboxMessage>()
            .Where(message => sent.Contains(message.Id))
            .ExecuteDeleteAsync(cancellationToken);
    }

    /// <summary>
    /// Tells that a message reached nobody, and deletes it then. A process that took the row over may have sent it: then the message counts
    /// as any other. Sent again after a crash in between, it comes late and does nothing.
    /// </summary>
    private async Task TellUndeliveredAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        try
        {
            if (!await TryLeaseAsync(message, message.LeaseOwner, cancellationToken)) return;
            await using var scope = scopes.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<IUndeliveredListener>().UndeliveredAsync(
                message.Destination, message.Message!, cancellationToken);
            await DeleteAsync([message.Id], cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // A workflow that waits for an answer asks when its deadline has passed.
            LogNotTold(exception, message.MessageType, message.Destination);
        }
    }

    /// <summary>Other messages are sent all the same: nobody waits for the order of a message that no server can read.</summary>
    private async Task SetAsideAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        if (!await TryLeaseAsync(message, message.LeaseOwner, cancellationToken, SetAside)) return;
        LogUnreadable(message.Id, message.MessageType, message.Destination);
        await using var scope = scopes.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<IUndeliveredListener>()
            .UnreadableAsync(message.Id, message.MessageType, message.Destination, cancellationToken);
    }

    /// <returns>Null when a newer version has written it, or something has damaged it.</returns>
    private static object? Read(OutboxMessage message)
    {
        if (message.Message is { } written) return written;
        var type = typeof(Command).Assembly.GetType(message.MessageType) ?? typeof(OutboxRelay).Assembly.GetType(message.MessageType);
        try
        {
            return type is null ? null : JsonSerializer.Deserialize(message.Body, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "Row {Id} of the outbox, {MessageType} for {Destination}, cannot be read; it is tried again in a day")]
    private partial void LogUnreadable(long id, string messageType, string destination);

    [LoggerMessage(
        Level = LogLevel.Warning, Message = "{MessageType} for {Destination} could not be sent; it is tried again when its lease ends")]
    private partial void LogNotSent(Exception exception, string messageType, string destination);

    [LoggerMessage(Level = LogLevel.Information, Message = "Took over {Count} messages that were not sent in time")]
    private partial void LogTakenOver(int count);

    [LoggerMessage(Level = LogLevel.Information, Message = "{MessageType} came back: {Destination} is not there")]
    private partial void LogReturned(string messageType, string destination);

    [LoggerMessage(
        Level = LogLevel.Warning, Message = "The outbox could not be brought up to date; what is left in it is sent when its lease ends")]
    private partial void LogDatabaseAway(Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "That {MessageType} did not reach {Destination} could not be noted")]
    private partial void LogNotTold(Exception exception, string messageType, string destination);
}

/// <summary>Runs the outbox relay as long as the process lives.</summary>
internal sealed class OutboxRelayService(OutboxRelay relay) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => relay.RunAsync(stoppingToken);
}
