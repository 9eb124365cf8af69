namespace PciBus.Tests.Architecture.Canaries.Persistence;

internal sealed class KnowsTheBus
{
    public static Task PublishAsync(MassTransit.IPublishEndpoint bus) => bus.Publish(new object());
}
