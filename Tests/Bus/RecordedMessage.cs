using RabbitMQ.Client;

namespace PciBus.Tests.Bus;

/// <summary>A message as it passed an exchange.</summary>
internal sealed record RecordedMessage(string Exchange, BasicProperties Properties, byte[] Body, string Text);
