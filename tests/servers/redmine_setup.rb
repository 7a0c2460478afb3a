# What the tests need in a Redmine: its web service with a key, a project, and a field for our ids. Prints the key.

Setting.rest_api_enabled = '1'
Setting.default_language = 'en'

admin = User.find_by_login('admin')
admin.must_change_passwd = false
admin.save!(validate: false)

rejected = IssueStatus.find_or_create_by!(name: 'Rejected')
rejected.update!(is_closed: true)

project = Project.create!(name: 'Insights', identifier: 'insights', is_public: true,
                          trackers: Tracker.all, enabled_module_names: ['issue_tracking'])
IssueCustomField.create!(name: 'External ID', field_format: 'string', is_filter: true, searchable: true,
                         is_for_all: true, trackers: Tracker.all)

puts Token.find_or_create_by!(user_id: admin.id, action: 'api').value
