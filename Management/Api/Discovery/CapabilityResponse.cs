using System.ComponentModel;
using Newtonsoft.Json;

namespace PciBus.Management.Api.Discovery;

/// <summary>What clients ask before they do anything; the same for every caller.</summary>
[ApiResponse("capability")]
internal sealed class CapabilityResponse
{
    [JsonProperty("cloudstackversion"), Description("the version of CloudStack whose API this is like")]
    public string CloudStackVersion => "4.22.0.0";

    [JsonProperty("pcibusversion"), Description("version of PciBus")]
    public string PciBusVersion { get; } = typeof(CapabilityResponse).Assembly.GetName().Version!.ToString(3);

    [JsonProperty("securitygroupsenabled"), Description("always false")]
    public bool SecurityGroupsEnabled => false;

    [JsonProperty("dynamicrolesenabled"), Description("always false")]
    public bool DynamicRolesEnabled => false;

    [JsonProperty("userpublictemplateenabled"), Description("always true")]
    public bool UserPublicTemplateEnabled => true;

    [JsonProperty("supportELB"), Description("always false")]
    public string SupportElb => "false";

    [JsonProperty("projectinviterequired"), Description("always false")]
    public bool ProjectInviteRequired => false;

    [JsonProperty("allowusercreateprojects"), Description("always false: there are no projects")]
    public bool AllowUserCreateProjects => false;

    [JsonProperty("regionsecondaryenabled"), Description("always false")]
    public bool RegionSecondaryEnabled => false;

    [JsonProperty("kvmsnapshotenabled"), Description("always false")]
    public bool KvmSnapshotEnabled => false;

    [JsonProperty("allowuserviewdestroyedvm"), Description("whether users see their destroyed virtual machines")]
    public bool AllowUserViewDestroyedVm => true;

    [JsonProperty("allowuserexpungerecovervm"), Description("whether users may expunge and recover")]
    public bool AllowUserExpungeRecoverVm => true;

    [JsonProperty("allowuserforcestopvm"), Description("whether users may stop with forced=true")]
    public bool AllowUserForceStopVm => true;

    [JsonProperty("defaultuipagesize"), Description("rows of a page of a user interface")]
    public int DefaultUiPageSize => 20;

    [JsonProperty("customhypervisordisplayname"), Description("how a custom hypervisor is called")]
    public string CustomHypervisorDisplayName => "Custom";
}

[ApiCommand("listCapabilities", "Lists what this cloud can do", Response = typeof(CapabilityResponse), Roles = ApiRoles.Everybody)]
internal sealed class ListCapabilitiesCmd : ApiCommand
{
    public override Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken) =>
        Task.FromResult(ApiAnswer.Of(new CapabilityResponse()));
}
