using Testcontainers.RabbitMq;

namespace PciBus.Tests.Support;

/// <summary>RabbitMQ in a container, where a Docker engine answers.</summary>
internal static class BrokerContainer
{
    /// <returns>The container and what it is; null when there is no Docker engine here, or it has no such image.</returns>
    public static async Task<(RabbitMqContainer Container, string What)?> TryStartAsync(CancellationToken cancellationToken)
    {
        var image = Environment.GetEnvironmentVariable("PCIBUS_TEST_RABBITMQ_IMAGE") ?? "rabbitmq:4";
        if (!DockerEngine.IsThere) return null;
        try
        {
            var container = new RabbitMqBuilder(image).Build();
            await container.StartAsync(cancellationToken);
            return (container, $"a container of {image}");
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            Console.WriteLine($"No container of {image}: {exception.Message}");
            return null;
        }
    }
}
