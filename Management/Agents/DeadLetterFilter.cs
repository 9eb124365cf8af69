using System.Text.Json;
using MassTransit;
using PciBus.Contracts;
using PciBus.Management.Events;
using PciBus.Management.Persistence;

namespace PciBus.Management.Agents;

/// <summary>
/// Makes an alert of each message that management gave up. Looks at it from outside only: it may be anything. The message
/// itself lies in <see cref="EndpointNames.DeadLetters"/>, this is a copy.
/// </summary>
/// <param name="transactions">Asked for when the first letter comes: the bus is built before what uses it.</param>
internal sealed class DeadLetterFilter(Func<DatabaseTransactions> transactions) : IFilter<ReceiveContext>
{
    public Task Send(ReceiveContext context, IPipe<ReceiveContext> next)
    {
        var queue = Header(context, DeadLetters.QueueHeader);
        var reason = Header(context, DeadLetters.ReasonHeader) switch
        {
            "delivery_limit" => "it failed each time it was delivered",
            "rejected" => "it was rejected",
            "expired" => "nobody took it in time",
            "maxlen" => "the queue was full",
            var other => other,
        };
        var id = context.GetMessageId()?.ToString() ?? "without id";
        var subject = $"{NameOf(context.GetBody())} ({id}) was given up in {queue}";
        var body = $"Why: {reason}; management's log of that time has the error. The message is kept in the queue {EndpointNames.DeadLetters}. "
            + "When the cause is gone, \"Management replay-dead-letters\" puts what lies there back into the queues it came from.";
        return transactions().RunAsync(
            (AlertManager alerts) => alerts.RaiseAsync(AlertType.DeadLetter, subject, body, null, null, context.CancellationToken),
            context.CancellationToken);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("deadLetters");

    private static string Header(ReceiveContext context, string name) =>
        context.TransportHeaders.TryGetHeader(name, out var value) && value?.ToString() is { Length: > 0 } text ? text : "unknown";

    private static string NameOf(byte[] body)
    {
        try
        {
            using var envelope = JsonDocument.Parse(body);
            var urn = envelope.RootElement.GetProperty("messageType")[0].GetString()!;
            return urn[(urn.LastIndexOf(':') + 1)..];
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException or IndexOutOfRangeException)
        {
            return "A message that is no message";
        }
    }
}
