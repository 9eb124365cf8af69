using MassTransit;
using PciBus.Contracts;
using PciBus.Contracts.Connection;
using PciBus.Management.Hosts;

namespace PciBus.Management.Bus;

/// <summary>
/// Lets through the messages that a host's own user has published: the broker takes no message that names another user than its connection
/// has. Everything else is put aside, and changes nothing.
/// </summary>
internal sealed partial class SenderFilter<T>(
    BusAddress address, BrokerMessageSender sender, HostOptions options, ILogger<SenderFilter<T>> logger) : IFilter<ConsumeContext<T>>
    where T : class
{
    public async Task Send(ConsumeContext<T> context, IPipe<ConsumeContext<T>> next)
    {
        var delivery = context.ReceiveContext.GetPayload<RabbitMqBasicConsumeContext>();
        var user = DeadLetters.UserOf(delivery.Properties, address.User);
        if (WhyNot(context, user) is not { } why)
        {
            await next.Send(context);
            return;
        }

        LogRefused(typeof(T).Name, delivery.Exchange, why);
        await sender.RefuseAsync(
            delivery.Exchange, user ?? DeadLetterFilter.Nobody, why, context.ReceiveContext.GetBody(), context.CancellationToken);
        await context.NotifyConsumed(context, TimeSpan.Zero, nameof(SenderFilter<>));
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("sender");

    private string? WhyNot(ConsumeContext<T> context, string? user)
    {
        // The bus would send the answer there in management's name.
        if (context.ResponseAddress is not null || context.FaultAddress is not null)
        {
            return "it wants an answer sent to an address of its own";
        }
        if (options.Admission == HostAdmission.Open) return null;
        var guid = MessageOrigin.HostGuidOf(context.Message);
        if (guid is null) return "it is no message of a host";
        if (user is null) return $"it names no user, and speaks for host {guid}";
        return user == EndpointNames.Agent(guid) ? null : $"user {user} speaks for host {guid}";
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A {Message} in {Queue} was refused: {Reason}")]
    private partial void LogRefused(string message, string queue, string reason);
}
