using System.Text.Json;

namespace PciBus.Agent.Hypervisor.Simulated;

/// <summary>How the simulator writes its files and speaks on its control port.</summary>
internal static class SimulatorJson
{
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);
}
