using System.Globalization;
using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Hypervisor.Simulated;

/// <summary>
/// Faults and happenings of a simulated host over HTTP on 127.0.0.1: <c>GET /domains</c>, <c>POST /domains</c> (an
/// <see cref="OutsideDomain"/>), <c>POST /domains/UUID/poweroff</c>, <c>POST /domains/UUID/pause</c>, <c>POST /domains/UUID/resume</c>,
/// <c>POST /domains/UUID/eject/ADDRESS</c>, <c>GET|POST|DELETE /faults</c> (a <see cref="FaultPlan"/>), <c>POST /reboot</c>,
/// <c>POST /reboot/renumbered</c> (where devices are afterwards: an object with addresses, by the addresses before).
/// </summary>
internal static class SimulatorControl
{
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<WebApplication> StartAsync(
        SimulatedHypervisor hypervisor, int port, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"));
        var control = builder.Build();
        Map(control, hypervisor);
        await control.StartAsync(cancellationToken);
        return control;
    }

    private static void Map(WebApplication control, SimulatedHypervisor hypervisor)
    {
        control.MapGet("/domains", async (CancellationToken token) => await hypervisor.ListDomainsAsync(token));
        control.MapPost("/domains", (OutsideDomain domain) => Created(hypervisor, domain));
        control.MapPost("/domains/{uuid:guid}/poweroff", (Guid uuid) => Found(hypervisor.PowerOff(uuid)));
        control.MapPost("/domains/{uuid:guid}/pause", (Guid uuid) => Found(hypervisor.Pause(uuid)));
        control.MapPost("/domains/{uuid:guid}/resume", (Guid uuid) => Found(hypervisor.Resume(uuid)));
        control.MapPost("/domains/{uuid:guid}/eject/{address}", (Guid uuid, string address) =>
            Found(PciAddress.TryParse(address, out var device, out _) && hypervisor.Eject(uuid, device)));
        control.MapGet("/faults", () => hypervisor.Faults);
        control.MapPost("/faults", (FaultPlan plan) =>
        {
            hypervisor.Faults = plan;
            return plan;
        });
        control.MapDelete("/faults", () =>
        {
            hypervisor.Faults = new FaultPlan();
            return Results.NoContent();
        });
        control.MapPost("/reboot", () =>
        {
            hypervisor.RebootHost(Guid.NewGuid());
            return Results.NoContent();
        });
        control.MapPost("/reboot/renumbered", (Dictionary<string, string> moves) => Renumbered(hypervisor, moves));
    }

    private static IResult Renumbered(SimulatedHypervisor hypervisor, Dictionary<string, string> moves)
    {
        try
        {
            hypervisor.RebootHost(
                Guid.NewGuid(), moves.ToDictionary(move => PciAddress.Parse(move.Key), move => PciAddress.Parse(move.Value)));
            return Results.NoContent();
        }
        catch (Exception refusal) when (refusal is ArgumentException or FormatException)
        {
            return Results.Conflict(refusal.Message);
        }
    }

    private static IResult Created(SimulatedHypervisor hypervisor, OutsideDomain domain)
    {
        try
        {
            hypervisor.Create(domain);
            return Results.NoContent();
        }
        catch (HypervisorException refusal)
        {
            return Results.Conflict(refusal.Message);
        }
    }

    private static IResult Found(bool found) => found ? Results.NoContent() : Results.NotFound();
}
