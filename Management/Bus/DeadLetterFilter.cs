using System.Text.Json;
using MassTransit;
using PciBus.Contracts;
using PciBus.Management.Events;
using PciBus.Management.Persistence;

namespace PciBus.Management.Bus;

/// <summary>
/// Makes an alert of each message that management gave up, and one alert of each user whose messages it refuses. Looks at the messages from
/// outside only: they may be anything. The message itself lies in <see cref="EndpointNames.DeadLetters"/> or
/// <see cref="EndpointNames.Refused"/>, this is a copy.
/// </summary>
/// <param name="transactions">Asked for when the first letter comes: the bus is built before the services that use it.</param>
internal sealed class DeadLetterFilter(Func<DatabaseTransactions> transactions) : IFilter<ReceiveContext>
{
    /// <summary>Set on refused messages: the user, or <see cref="Nobody"/>.</summary>
    public const string RefusedUserHeader = "pcibus-refused-user";

    /// <summary>Not a name that a user can have by accident; an empty header would not be seen.</summary>
    public const string Nobody = "(nobody)";

    public Task Send(ReceiveContext context, IPipe<ReceiveContext> next) => transactions().RunAsync(
        (AlertManager alerts) => context.TransportHeaders.TryGetHeader(RefusedUserHeader, out var user)
            ? RaiseRefusedAsync(alerts, context, user?.ToString())
            : RaiseGivenUpAsync(alerts, context),
        context.CancellationToken);

    public void Probe(ProbeContext context) => context.CreateFilterScope("deadLetters");

    private static Task RaiseRefusedAsync(AlertManager alerts, ReceiveContext context, string? user)
    {
        var subject = user == Nobody ? "Messages without a user are refused" : $"Messages of the user {user} are refused";
        var body = $"The first: {NameOf(context.GetBody())} in {Header(context, DeadLetters.QueueHeader)}: "
            + $"{Header(context, DeadLetters.ReasonHeader)}. Management's log has all of them, and the queue {EndpointNames.Refused} the "
            + "last.";
        return alerts.RaiseBoundedAsync(AlertType.HostRefused, subject, body, context.CancellationToken);
    }

    private static Task RaiseGivenUpAsync(AlertManager alerts, ReceiveContext context)
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
        var body =
            $"Why: {reason}; management's log of that time has the error. The message is kept in the queue {EndpointNames.DeadLetters}. "
            + "When the cause is gone, \"Management replay-dead-letters\" puts what lies there back into the queues it came from.";
        return alerts.RaiseBoundedAsync(AlertType.DeadLetter, subject, body, context.CancellationToken);
    }

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
        catch (Exception)
        {
            // Whatever it is: a message goes nowhere else from here.
            return "A message that is no message";
        }
    }
}
