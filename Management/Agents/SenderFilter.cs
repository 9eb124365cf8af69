using MassTransit;
using PciBus.Contracts;

namespace PciBus.Management.Agents;

/// <summary>
/// Lets through what a host's own user has published: the broker takes no message that names another user than the one of its
/// connection. Everything else becomes a dead letter, and changes nothing.
/// </summary>
internal sealed partial class SenderFilter<T>(BusAddress address, BrokerMessageSender sender, ILogger<SenderFilter<T>> logger) : IFilter<ConsumeContext<T>>
    where T : class
{
    public async Task Send(ConsumeContext<T> context, IPipe<ConsumeContext<T>> next)
    {
        var delivery = context.ReceiveContext.GetPayload<RabbitMqBasicConsumeContext>();
        var guid = MessageSender.HostGuidOf(context.Message);
        var user = DeadLetters.UserOf(delivery.Properties, address.User);
        if (guid is not null && user == EndpointNames.Agent(guid))
        {
            await next.Send(context);
            return;
        }

        var why = user is null ? $"it names no user, and speaks for host {guid}" : $"user {user} speaks for host {guid}";
        LogRefused(typeof(T).Name, delivery.Exchange, why);
        await sender.GiveUpAsync(delivery.Exchange, $"refused: {why}", delivery.Properties, context.ReceiveContext.GetBody(), context.CancellationToken);
        await context.NotifyConsumed(context, TimeSpan.Zero, nameof(SenderFilter<>));
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("sender");

    [LoggerMessage(Level = LogLevel.Warning, Message = "A {Message} in {Queue} was refused: {Reason}")]
    private partial void LogRefused(string message, string queue, string reason);
}
