using Microsoft.EntityFrameworkCore;
using PciBus.Management.Accounts;
using PciBus.Management.Events;
using PciBus.Management.Persistence;

namespace PciBus.Management.Api.Events;

[ApiCommand("listEvents", "Lists what happened, the newest first", Response = typeof(EventResponse), Roles = ApiRoles.Everybody)]
internal sealed class ListEventsCmd(PciBusDbContext database, ResourceQueries resources) : ApiListCommand
{
    [ApiParameter("id", "the event", Entity = typeof(Event))]
    public long? Id { get; set; }

    [ApiParameter("type", "events of this type, e.g. VM.START")]
    public string? Type { get; set; }

    [ApiParameter("level", "INFO, WARN or ERROR")]
    public EventLevel? Level { get; set; }

    [ApiParameter("state", "Created, Scheduled, Started or Completed")]
    public EventState? State { get; set; }

    [ApiParameter("startdate", "events from then on")]
    public DateTimeOffset? StartDate { get; set; }

    [ApiParameter("enddate", "events until then: a day, a second or whatever it names is included to its end", IsEnd = true)]
    public DateTimeOffset? EndDate { get; set; }

    [ApiParameter("startid", "the operation that this event opened", Entity = typeof(Event))]
    public long? StartId { get; set; }

    [ApiParameter("resourceid", "events about this virtual machine, host, device, offering or template")]
    public string? ResourceId { get; set; }

    [ApiParameter("resourcetype", "events about this kind of thing, e.g. VirtualMachine")]
    public string? ResourceType { get; set; }

    public override async Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        var events = database.Set<Event>().AsNoTracking();
        if (Id is { } id) events = events.Where(one => one.Id == id);
        // Types are known words: all of them have capital letters.
        if (Type?.ToUpperInvariant() is { } type) events = events.Where(one => one.Type == type);
        if (Level is { } level) events = events.Where(one => one.Level == level);
        if (State is { } state) events = events.Where(one => one.State == state);
        if (StartDate is { } from) events = events.Where(one => one.Created >= from);
        if (EndDate is { } until) events = events.Where(one => one.Created <= until);
        if (StartId is { } startId)
        {
            events = events.Where(one => one.Id == startId
                || database.Set<Event>().Any(first => first.Id == startId && first.Uuid == one.Parent));
        }

        if (ResourceType is { } given)
        {
            var resourceType = ResourceQueries.TypeOf(given);
            events = events.Where(one => one.ResourceType == resourceType);
        }

        if (!string.IsNullOrEmpty(ResourceId))
        {
            var (resource, resourceId) = await FindResourceAsync(ResourceId, cancellationToken);
            events = events.Where(one => one.ResourceType == resource && one.ResourceId == resourceId);
        }

        if (Word is { } word)
        {
            events = events.Where(one => one.Type.Folded().Contains(word.Folded()) || one.Description.Folded().Contains(word.Folded()));
        }

        return await ListAsync(
            events.OrderByDescending(one => one.Id), page => DescribeAsync(page, cancellationToken), cancellationToken);
    }

    private async Task<(string Type, long Id)> FindResourceAsync(string uuid, CancellationToken cancellationToken) =>
        (Guid.TryParseExact(uuid, "D", out var parsed) ? await resources.FindAsync(parsed, cancellationToken) : null)
            ?? throw ApiParameterBinder.NoSuchEntity("listEvents", "resourceid", uuid);

    private async Task<List<EventResponse>> DescribeAsync(IQueryable<Event> page, CancellationToken cancellationToken)
    {
        var rows =
            from one in page
            join user in database.Set<User>() on one.UserId equals user.Id
            join account in database.Set<Account>() on one.AccountId equals account.Id
            join domain in database.Set<Domain>() on one.DomainId equals domain.Id
            orderby one.Id descending
            select new EventResponse
            {
                Id = one.Uuid,
                Type = one.Type,
                Level = one.Level,
                State = one.State,
                Description = one.Description,
                Username = user.Username,
                Account = account.AccountName,
                DomainId = domain.Uuid,
                Domain = domain.Name,
                DomainPath = domain.Path,
                ResourceType = one.ResourceType,
                ResourceInternalId = one.ResourceId,
                ParentId = one.Parent,
                Created = one.Created,
            };
        var events = await rows.ToListAsync(cancellationToken);
        var names = await resources.NamesAsync(events.Select(one => (one.ResourceType, one.ResourceInternalId)), cancellationToken);
        foreach (var one in events)
        {
            if (one is not { ResourceType: { } type, ResourceInternalId: { } id } || !names.TryGetValue((type, id), out var name)) continue;
            (one.ResourceId, one.ResourceName) = (name.Uuid, name.Name);
        }

        return events;
    }
}
