namespace PciBus.Management.Api.Discovery;

[ApiCommand("listCapabilities", "Lists what this cloud can do", Response = typeof(CapabilityResponse), Roles = ApiRoles.Everybody)]
internal sealed class ListCapabilitiesCmd : ApiCommand
{
    public override Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken) =>
        Task.FromResult(ApiAnswer.Of(new CapabilityResponse()));
}
