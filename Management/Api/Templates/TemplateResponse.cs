using System.ComponentModel;
using Newtonsoft.Json;
using PciBus.Management.Templates;

namespace PciBus.Management.Api.Templates;

[ApiResponse("template", typeof(Template))]
internal sealed class TemplateResponse
{
    [JsonProperty("id"), Description("the template's id")]
    public Guid Id { get; init; }

    [JsonProperty("name"), Description("its name")]
    public required string Name { get; init; }

    [JsonProperty("displaytext"), Description("what is told of it")]
    public required string DisplayText { get; init; }

    [JsonProperty("url"), Description("where hosts fetch it")]
    public required string Url { get; init; }

    [JsonProperty("format"), Description("QCOW2 or RAW")]
    public required string Format { get; init; }

    [JsonProperty("hypervisor"), Description("always KVM")]
    public required string Hypervisor { get; init; }

    [JsonProperty("account"), Description("name of the account that owns it")]
    public required string Account { get; init; }

    [JsonProperty("domainid"), Description("the domain of that account")]
    public Guid DomainId { get; init; }

    [JsonProperty("domain"), Description("name of that domain")]
    public required string Domain { get; init; }

    [JsonProperty("created"), Description("when it was registered")]
    public DateTimeOffset Created { get; init; }

    [JsonProperty("ispublic"), Description("always true")]
    public bool IsPublic => true;

    [JsonProperty("isfeatured"), Description("always false")]
    public bool IsFeatured => false;

    [JsonProperty("isready"), Description("always true: a host fetches it when it starts a virtual machine")]
    public bool IsReady => true;

    [JsonProperty("status"), Description("always Download Complete")]
    public string Status => "Download Complete";

    [JsonProperty("templatetype"), Description("always USER")]
    public string TemplateType => "USER";

    [JsonProperty("crossZones"), Description("always true")]
    public bool CrossZones => true;

    [JsonProperty("passwordenabled"), Description("always false")]
    public bool PasswordEnabled => false;
}
