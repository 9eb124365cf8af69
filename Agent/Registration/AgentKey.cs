namespace PciBus.Agent.Registration;

/// <summary>A key of agent.properties.</summary>
/// <param name="Default">Its value when there is none; empty when that is nothing, or follows from others.</param>
/// <param name="Allowed">What follows on "allowed is", with the unit.</param>
/// <param name="Description">A phrase without a full stop.</param>
internal sealed record AgentKey(string Name, string Default, string Allowed, string Description);
