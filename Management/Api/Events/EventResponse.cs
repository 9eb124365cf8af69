using System.ComponentModel;
using Newtonsoft.Json;
using PciBus.Management.Events;

namespace PciBus.Management.Api.Events;

[ApiResponse("event", typeof(Event))]
internal sealed class EventResponse
{
    [JsonProperty("id"), Description("the event's id")]
    public Guid Id { get; init; }

    [JsonProperty("type"), Description("what happened, e.g. VM.START")]
    public required string Type { get; init; }

    [JsonProperty("level"), Description("INFO, WARN or ERROR")]
    public EventLevel Level { get; init; }

    [JsonProperty("state"), Description("where in its operation it stands: Created, Scheduled, Started or Completed")]
    public EventState State { get; init; }

    [JsonProperty("description"), Description("what happened, in words")]
    public required string Description { get; init; }

    [JsonProperty("username"), Description("who did it")]
    public required string Username { get; init; }

    [JsonProperty("account"), Description("name of that user's account")]
    public required string Account { get; init; }

    [JsonProperty("domainid"), Description("the domain of that account")]
    public Guid DomainId { get; init; }

    [JsonProperty("domain"), Description("name of that domain")]
    public required string Domain { get; init; }

    [JsonProperty("domainpath"), Description("path of that domain")]
    public required string DomainPath { get; init; }

    [JsonProperty("resourceid"), Description("what it is about; left out when that is gone")]
    public Guid? ResourceId { get; set; }

    [JsonProperty("resourcetype"), Description("what kind of thing it is about, e.g. VirtualMachine")]
    public string? ResourceType { get; init; }

    [JsonProperty("resourcename"), Description("name of what it is about")]
    public string? ResourceName { get; set; }

    [JsonProperty("parentid"), Description("the first event of its operation")]
    public Guid? ParentId { get; init; }

    [JsonProperty("created"), Description("when it happened")]
    public DateTimeOffset Created { get; init; }

    [JsonProperty("archived"), Description("always false")]
    public bool Archived => false;

    [JsonIgnore]
    public long? ResourceInternalId { get; init; }
}
